package main

import (
	"errors"
	"net"
	"testing"

	"golang.org/x/crypto/ssh"
)

// passwordServer is an SSH server of the Go library: OpenSSH knows only the passwords of real users.
func passwordServer(t *testing.T, configure func(*ssh.ServerConfig)) float64 {
	t.Helper()
	config := &ssh.ServerConfig{}
	configure(config)
	signer, err := ssh.NewSignerFromKey(newKey(t).raw)
	ok(t, err)
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go servePassword(conn, config)
		}
	}()
	return float64(listener.Addr().(*net.TCPAddr).Port)
}

func servePassword(conn net.Conn, config *ssh.ServerConfig) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for newChannel := range channels {
		channel, requests, err := newChannel.Accept()
		if err != nil {
			return
		}
		for request := range requests {
			_ = request.Reply(request.Type == "exec", nil)
			if request.Type == "exec" {
				_, _ = channel.Write([]byte("let in\n"))
				_, _ = channel.SendRequest("exit-status", false, []byte{0, 0, 0, 0})
				_ = channel.Close()
			}
		}
	}
}

func TestRemotePassword(t *testing.T) {
	t.Parallel()
	const right = "correct horse"
	for name, configure := range map[string]func(*ssh.ServerConfig){
		"as a password": func(c *ssh.ServerConfig) {
			c.PasswordCallback = func(_ ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
				return nil, refuseUnless(string(given) == right)
			}
		},
		"as an answer": func(c *ssh.ServerConfig) {
			c.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
				answers, err := ask("", "", []string{"Password: "}, []bool{false})
				return nil, errors.Join(err, refuseUnless(len(answers) == 1 && answers[0] == right))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connection := object{"host": "127.0.0.1", "port": passwordServer(t, configure), "password": right, "dialErrorLimit": 0.0}
			x := start(t).thing(remoteCommand)
			ok(t, x.create(object{"connection": connection, "create": "anything"}))
			equal(t, x.text("stdout"), "let in")
			connection["password"] = "wrong horse"
			err := x.create(object{"connection": connection, "create": "anything"})
			fails(t, err, "refuses user root with the password")
			lacks(t, err.Error(), "wrong horse")
		})
	}
}

func refuseUnless(let bool) error {
	if let {
		return nil
	}
	return errors.New("refused")
}

func TestDialTimesOut(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	fails(t, start(t).thing(remoteCommand).create(object{"create": "true", "connection": object{
		"host": "127.0.0.1", "port": float64(listener.Addr().(*net.TCPAddr).Port), "dialErrorLimit": 0.0, "perDialTimeout": 1.0,
	}}), "no answer within 1 s")
}
