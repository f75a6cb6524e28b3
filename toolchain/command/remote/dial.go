package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"

	"homelab/toolchain/command/capture"
)

// The pause after a failed attempt grows from the first to the longest.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// dial connects to c, through its proxy if it has one. Closing the client closes both.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, error) {
	if c.Proxy == nil {
		return c.Endpoint.dial(ctx, nil)
	}
	proxy, err := c.Proxy.Endpoint.dial(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("The way there, connection.proxy, is closed. %w", err)
	}
	client, err := c.Endpoint.dial(ctx, proxy)
	if err != nil {
		_ = proxy.Close()
		return nil, err
	}
	go func() {
		_ = client.Wait()
		_ = proxy.Close()
	}()
	return client, nil
}

// dial tries until it is logged in, the limit is reached, or trying is of no use.
func (e *Endpoint) dial(ctx context.Context, via *ssh.Client) (*ssh.Client, error) {
	limit := valueOr(e.DialErrorLimit, defaultDialErrorLimit)
	pause := firstPause
	for failed := 1; ; failed++ {
		client, err := e.attempt(ctx, via)
		if err == nil {
			go keepAlive(client)
			return client, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("Connecting to %s was stopped: the update was cancelled, or its time is up.", e)
		}
		why := capture.Redact(ctx, e.explain(err))
		if errors.As(err, new(permanent)) {
			return nil, fmt.Errorf("Connecting to %s failed: %s.", e, why)
		}
		if limit >= 0 && failed > limit {
			return nil, fmt.Errorf("Connecting to %s failed %d times, and dialErrorLimit is %d: %s.", e, failed, limit, why)
		}
		p.GetLogger(ctx).InfoStatusf("Connecting to %s failed (%d): %s. Trying again in %s.", e, failed, why, pause.Round(10*time.Millisecond))
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(pause*3/2, longestPause)
	}
}

// attempt connects and logs in once.
func (e *Endpoint) attempt(ctx context.Context, via *ssh.Client) (*ssh.Client, error) {
	if seconds := valueOr(e.PerDialTimeout, defaultPerDialTimeout); seconds > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(seconds)*time.Second)
		defer cancel()
	}
	methods, done, err := e.login()
	if err != nil {
		return nil, err
	}
	defer done()
	config := &ssh.ClientConfig{User: e.user(), Auth: methods}
	if err := e.trust(config); err != nil {
		return nil, err
	}
	conn, err := connect(ctx, via, e.address())
	if err != nil {
		return nil, err
	}
	// The handshake knows no context, and not every connection has deadlines.
	release := context.AfterFunc(ctx, func() { _ = conn.Close() })
	sshConn, channels, requests, err := ssh.NewClientConn(conn, e.address(), config)
	if !release() {
		_ = conn.Close()
		return nil, ctx.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return ssh.NewClient(sshConn, channels, requests), nil
}

func connect(ctx context.Context, via *ssh.Client, address string) (net.Conn, error) {
	if via == nil {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	return via.DialContext(ctx, "tcp", address)
}

// explain says in words what kept an attempt from success.
func (e *Endpoint) explain(err error) string {
	var name *net.DNSError
	var closed *ssh.OpenChannelError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("there is no answer within %d s (perDialTimeout)", valueOr(e.PerDialTimeout, defaultPerDialTimeout))
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there (connection refused); is the SSH server running, and the port right?"
	case errors.As(err, &name) && name.IsNotFound:
		return "there is no host of that name"
	case errors.As(err, &closed):
		return fmt.Sprintf("the proxy does not get there (%s)", closed.Message)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return e.explainRefusal()
	}
	return strings.TrimPrefix(err.Error(), "ssh: handshake failed: ")
}

func (e *Endpoint) explainRefusal() string {
	var offered []string
	if e.PrivateKey != nil {
		if signer, err := e.signer(); err == nil && signer != nil {
			offered = append(offered, "the key "+ssh.FingerprintSHA256(signer.PublicKey()))
		}
	}
	if e.AgentSocketPath != nil {
		offered = append(offered, "the keys of the SSH agent")
	}
	if e.Password != nil {
		offered = append(offered, "the password")
	}
	if len(offered) == 0 {
		return "the server wants a key or a password; set connection.privateKey, password or agentSocketPath"
	}
	return fmt.Sprintf("the server refuses user %s with %s; is the key in authorized_keys there, and the user right?",
		e.user(), strings.Join(offered, " and "))
}
