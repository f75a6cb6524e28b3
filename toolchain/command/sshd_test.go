package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// OpenSSH as root wants this directory; Debian makes it when the service starts.
const privilegeSeparation = "/run/sshd"

func TestMain(m *testing.M) {
	made := os.Geteuid() == 0 && os.Mkdir(privilegeSeparation, 0o755) == nil
	code := m.Run()
	if made {
		_ = os.Remove(privilegeSeparation)
	}
	os.Exit(code)
}

// sshd is a real OpenSSH server on the loopback, with its own configuration, that lets one key in.
type sshd struct {
	port    int
	key     keyPair
	hostKey keyPair
	log     string
}

type keyPair struct {
	private string
	public  string
	raw     ed25519.PrivateKey
}

func newKey(t *testing.T) keyPair {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	ok(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	ok(t, err)
	sshPublic, err := ssh.NewPublicKey(public)
	ok(t, err)
	return keyPair{string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(sshPublic)), private}
}

func (k keyPair) fingerprint(t *testing.T) string {
	t.Helper()
	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(k.public))
	ok(t, err)
	return ssh.FingerprintSHA256(public)
}

func (k keyPair) locked(t *testing.T, password string) string {
	t.Helper()
	block, err := ssh.MarshalPrivateKeyWithPassphrase(k.raw, "", []byte(password))
	ok(t, err)
	return string(pem.EncodeToMemory(block))
}

func findSshd(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"sshd", "/usr/sbin/sshd"} {
		if path, err := exec.LookPath(name); err == nil {
			// It starts itself anew for each connection, and wants its whole path for that.
			path, err = filepath.Abs(path)
			ok(t, err)
			return path
		}
	}
	t.Skip("there is no sshd here; it is in Debian's package openssh-server")
	return ""
}

func startSshd(t *testing.T, options ...string) *sshd {
	t.Helper()
	for {
		// Another process may take the port before the server does.
		s, err := launchSshd(t, freePort(t), options...)
		if err == nil {
			return s
		}
		if !strings.Contains(err.Error(), "Cannot bind") {
			t.Fatal(err)
		}
	}
}

func launchSshd(t *testing.T, port int, options ...string) (*sshd, error) {
	t.Helper()
	binary := findSshd(t)
	dir := t.TempDir()
	s := &sshd{port: port, key: newKey(t), hostKey: newKey(t), log: filepath.Join(dir, "log")}
	config := strings.Join(append([]string{
		"ListenAddress 127.0.0.1", "Port " + strconv.Itoa(s.port), "HostKey " + dir + "/host", "PidFile none",
		"AuthorizedKeysFile " + dir + "/keys", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
		"KbdInteractiveAuthentication no", "PermitRootLogin yes", "MaxStartups 100", "Subsystem sftp internal-sftp",
	}, options...), "\n") + "\n"
	for name, text := range map[string]string{"config": config, "host": s.hostKey.private, "keys": s.key.public} {
		ok(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	cmd := exec.Command(binary, "-D", "-f", dir+"/config", "-E", s.log)
	ok(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if log, _ := os.ReadFile(s.log); t.Failed() {
			t.Logf("sshd: %s", log)
		}
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			_ = conn.Close()
			return s, nil
		}
		if log, _ := os.ReadFile(s.log); time.Now().After(deadline) || bytes.Contains(log, []byte("fatal")) {
			return nil, fmt.Errorf("sshd does not start: %s", log)
		}
	}
}

// connection returns the inputs to log in, with changes.
func (s *sshd) connection(t *testing.T, changes object) object {
	t.Helper()
	me, err := user.Current()
	ok(t, err)
	connection := object{
		"host": "127.0.0.1", "port": float64(s.port), "user": me.Username, "privateKey": s.key.private, "dialErrorLimit": 0.0,
	}
	for name, value := range changes {
		connection[name] = value
		if value == nil {
			delete(connection, name)
		}
	}
	return connection
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// startAgent serves the keys as ssh-agent would.
func startAgent(t *testing.T, keys ...keyPair) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, key := range keys {
		ok(t, ring.Add(agent.AddedKey{PrivateKey: key.raw}))
	}
	path := filepath.Join(t.TempDir(), "agent")
	listener, err := net.Listen("unix", path)
	ok(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, conn) }()
		}
	}()
	return path
}

// wire forwards connections to a port until it is cut, or until limit bytes have gone there on one of them.
type wire struct {
	listener net.Listener
	conns    chan net.Conn
}

func startWire(t *testing.T, port int, limit int64) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	w := &wire{listener, make(chan net.Conn, 100)}
	t.Cleanup(w.cut)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				_ = near.Close()
				continue
			}
			w.conns <- near
			w.conns <- far
			go forward(near, far, math.MaxInt64)
			go forward(far, near, limit)
		}
	}()
	return w
}

func forward(to, from net.Conn, limit int64) {
	_, _ = io.CopyN(to, from, limit)
	_ = to.Close()
	_ = from.Close()
}

func (w *wire) port() float64 { return float64(w.listener.Addr().(*net.TCPAddr).Port) }

func (w *wire) cut() {
	_ = w.listener.Close()
	for {
		select {
		case conn := <-w.conns:
			_ = conn.Close()
		default:
			return
		}
	}
}
