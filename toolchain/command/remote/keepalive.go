package remote

import (
	"time"

	"golang.org/x/crypto/ssh"
)

// A host that vanished without a word is noticed after about keepAliveEvery * keepAliveMissed.
const (
	keepAliveEvery  = 15 * time.Second
	keepAliveMissed = 4
)

// keepAlive asks the server for a sign of life until the client is closed, and closes it if there is none.
func keepAlive(client *ssh.Client) {
	closed := make(chan struct{})
	go func() {
		_ = client.Wait()
		close(closed)
	}()
	answers := make(chan struct{}, keepAliveMissed)
	ticker := time.NewTicker(keepAliveEvery)
	defer ticker.Stop()
	for missed := 0; missed < keepAliveMissed; {
		select {
		case <-closed:
			return
		case <-answers:
			missed = 0
		case <-ticker.C:
			missed++
			go func() {
				if _, _, err := client.SendRequest("keepalive@openssh.com", true, nil); err == nil {
					answers <- struct{}{}
				}
			}()
		}
	}
	_ = client.Close()
}
