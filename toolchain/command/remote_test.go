package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRemoteLogin(t *testing.T) {
	t.Parallel()
	s := startSshd(t)
	sshAgent := startAgent(t, newKey(t), s.key)
	for name, changes := range map[string]object{
		"with a key":                      {},
		"with a key and its host's":       {"hostKey": s.hostKey.public},
		"with a line of known_hosts":      {"hostKey": "example.org " + s.hostKey.public},
		"with an encrypted key":           {"privateKey": s.key.locked(t, "open sesame"), "privateKeyPassword": "open sesame"},
		"with an agent":                   {"privateKey": nil, "agentSocketPath": sshAgent},
		"with an agent after a wrong key": {"privateKey": newKey(t).private, "agentSocketPath": sshAgent},
		"with a password nobody asks for": {"password": "unused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(remoteCommand)
			ok(t, x.create(object{"connection": s.connection(t, changes), "create": "echo hello"}))
			equal(t, x.text("stdout"), "hello")
		})
	}
}

func TestRemoteLoginFails(t *testing.T) {
	t.Parallel()
	s := startSshd(t)
	other, agentless := newKey(t), filepath.Join(t.TempDir(), "none")
	for name, test := range map[string]struct {
		changes object
		texts   []string
	}{
		"with a refused key":      {object{"privateKey": other.private}, []string{"refuses user", other.fingerprint(t), "authorized_keys"}},
		"with nothing":            {object{"privateKey": nil, "agentSocketPath": startAgent(t)}, []string{"refuses user", "SSH agent"}},
		"with a dead agent":       {object{"agentSocketPath": agentless}, []string{"no SSH agent at connection.agentSocketPath", agentless}},
		"with a locked key":       {object{"privateKey": s.key.locked(t, "a-password")}, []string{"encrypted", "privateKeyPassword"}},
		"with a wrong password":   {object{"privateKey": s.key.locked(t, "a-password"), "privateKeyPassword": "b-password"}, []string{"does not open"}},
		"with a path as key":      {object{"privateKey": "~/.ssh/id_ed25519"}, []string{"not a private key", "not its path"}},
		"with no host key":        {object{"hostKey": "nonsense"}, []string{"connection.hostKey is not a public key"}},
		"with another host key":   {object{"hostKey": other.public, "dialErrorLimit": -1.0}, []string{"another host key", "expected ssh-ed25519 " + other.fingerprint(t), "found    ssh-ed25519 " + s.hostKey.fingerprint(t)}},
		"with another kind of it": {object{"hostKey": ecdsaKey}, []string{"expected ecdsa-sha2-nistp256 SHA256:", "found    ssh-ed25519 " + s.hostKey.fingerprint(t)}},
		"with a closed port":      {object{"port": float64(freePort(t))}, []string{"connection refused"}},
		"with an unknown host":    {object{"host": "host.invalid"}, []string{"host.invalid:"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := start(t).thing(remoteCommand).create(object{"connection": s.connection(t, test.changes), "create": "echo hello"})
			fails(t, err, append(test.texts, "The create command on ", " did not run", "Connecting to ")...)
			lacks(t, err.Error(), "PRIVATE KEY", "a-password", "b-password")
		})
	}
}

const ecdsaKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU="

func TestRemoteLifecycle(t *testing.T) {
	t.Parallel()
	s := startSshd(t, "AcceptEnv PULUMI_COMMAND_*")
	file := filepath.Join(t.TempDir(), "file")
	connection := s.connection(t, nil)
	x := start(t).thing(remoteCommand)
	ok(t, x.create(object{"connection": connection, "create": "echo one; echo warn >&2"}))
	equal(t, x.text("stdout"), "one")
	equal(t, x.text("stderr"), "warn")
	equal(t, x.outputs["connection"].IsSecret(), true)
	equal(t, x.outputs["stdout"].IsSecret(), false)
	ok(t, x.update(object{"connection": connection, "create": "echo after $PULUMI_COMMAND_STDOUT and $PULUMI_COMMAND_STDERR"}))
	equal(t, x.text("stdout"), "after one and warn")
	ok(t, x.update(object{"connection": connection, "create": "false", "update": "echo [$PULUMI_COMMAND_STDOUT]", "addPreviousOutputInEnv": false}))
	equal(t, x.text("stdout"), "[]")
	ok(t, x.update(object{"connection": connection, "delete": `echo "$PULUMI_COMMAND_STDOUT" > ` + file}))
	equal(t, x.text("stdout"), "[]")
	ok(t, x.delete())
	text, err := os.ReadFile(file)
	ok(t, err)
	equal(t, string(text), "[]\n")
}

func TestRemoteEnvironment(t *testing.T) {
	t.Parallel()
	s := startSshd(t, "AcceptEnv GREETING")
	x := start(t).thing(remoteCommand)
	ok(t, x.create(object{"connection": s.connection(t, nil), "create": "echo $GREETING", "environment": object{"GREETING": "hi there"}}))
	equal(t, x.text("stdout"), "hi there")
	// What the server refuses of the run before is no failure, unlike what the user asks for.
	ok(t, x.update(object{"connection": s.connection(t, nil), "create": "echo [$PULUMI_COMMAND_STDOUT]"}))
	equal(t, x.text("stdout"), "[]")
	lacks(t, x.engine.log(), "WARNING")
	ok(t, x.update(object{"connection": s.connection(t, nil), "create": "echo two", "addPreviousOutputInEnv": true}))
	x.engine.waitFor(t, "WARNING The SSH server does not take the variable PULUMI_COMMAND_STDOUT")
	err := x.update(object{"connection": s.connection(t, nil), "create": "echo $TOKEN", "environment": object{"TOKEN": "do-not-tell"}})
	fails(t, err, "does not take the variable TOKEN", "AcceptEnv TOKEN")
	lacks(t, err.Error(), "do-not-tell")
}

func TestRemoteFailures(t *testing.T) {
	t.Parallel()
	s := startSshd(t)
	for name, test := range map[string]struct {
		command string
		texts   []string
	}{
		"exit status": {"echo why; echo because >&2; exit 3", []string{"The create command on ", "exit status 3", "why", "because"}},
		"not found":   {"no-such-program", []string{"exit status 127", "not found"}},
		"signal":      {"kill -9 $$", []string{"ended by signal KILL"}},
		"too long":    {strings.Repeat("x", 300<<10), []string{"did not run", "stdin"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fails(t, start(t).thing(remoteCommand).create(object{"connection": s.connection(t, nil), "create": test.command}), test.texts...)
		})
	}
}

func TestRemoteLogging(t *testing.T) {
	t.Parallel()
	s := startSshd(t)
	x := start(t).thing(remoteCommand)
	err := x.create(object{"connection": s.connection(t, nil), "create": "echo to-out; echo to-err >&2; exit 1", "logging": "stderr"})
	fails(t, err, "to-err")
	lacks(t, err.Error()+x.engine.waitFor(t, "to-err"), "to-out")
}

func TestRemoteLargeOutputIsComplete(t *testing.T) {
	t.Parallel()
	s := startSshd(t)
	x := start(t).thing(remoteCommand)
	const command = "seq -f '%09.0f' 1 1048576"
	ok(t, x.create(object{"connection": s.connection(t, nil), "create": command + " | tee /dev/stderr"}))
	want := fmt.Sprintf("%x  -", sha256.Sum256([]byte(x.text("stdout")+"\n")))
	equal(t, len(x.text("stdout")), 10<<20-1)
	equal(t, x.text("stderr"), x.text("stdout"))
	y := start(t).thing(localCommand)
	ok(t, y.create(object{"create": command + " | sha256sum"}))
	equal(t, y.text("stdout"), want)
}

func TestRemoteStdin(t *testing.T) {
	t.Parallel()
	s := startSshd(t)
	large := strings.Repeat("0123456789abcde\n", 5<<16)
	for name, test := range map[string]struct{ stdin, command, stdout string }{
		"of several MB":        {large, "sha256sum", fmt.Sprintf("%x  -", sha256.Sum256([]byte(large)))},
		"that no one reads":    {large, "echo done", "done"},
		"that is a script":     {"echo one\necho two\n", "sh -s", "one\ntwo"},
		"that is not there":    {"", "cat; echo end", "end"},
		"that is read in part": {large, "head -c 10", "0123456789"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(remoteCommand)
			ok(t, x.create(object{"connection": s.connection(t, nil), "create": test.command, "stdin": test.stdin}))
			equal(t, x.text("stdout"), test.stdout)
		})
	}
}

func TestRemoteThroughAProxy(t *testing.T) {
	t.Parallel()
	jump, target := startSshd(t), startSshd(t)
	through := func(changes object) object {
		return target.connection(t, object{"hostKey": target.hostKey.public, "proxy": jump.connection(t, changes)})
	}
	x := start(t).thing(remoteCommand)
	ok(t, x.create(object{"connection": through(object{"hostKey": jump.hostKey.public}), "create": "echo ${SSH_CONNECTION##* }"}))
	equal(t, x.text("stdout"), strconv.Itoa(target.port))
	log, err := os.ReadFile(jump.log)
	ok(t, err)
	equal(t, strings.Contains(string(log), "Accepted publickey"), true)

	fails(t, x.create(object{"connection": through(object{"privateKey": newKey(t).private}), "create": "true"}), "connection.proxy", "refuses user")
	closed := through(nil)
	closed["port"] = float64(freePort(t))
	fails(t, x.create(object{"connection": closed, "create": "true"}), "the proxy does not get there")
}

func TestRemoteConnectionLost(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(w *wire, session int){
		"as the server's process dies": func(_ *wire, session int) { _ = syscall.Kill(session, syscall.SIGKILL) },
		"as the network does":          func(w *wire, _ int) { w.cut() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startSshd(t)
			w := startWire(t, s.port, math.MaxInt64)
			x := start(t).thing(remoteCommand)
			done := make(chan error, 1)
			connection := s.connection(t, object{"port": w.port()})
			go func() {
				done <- x.create(object{"connection": connection, "create": "echo pids $PPID $$; exec sleep 300"})
			}()
			session, command := pids(t, x.engine)
			defer func() { _ = syscall.Kill(command, syscall.SIGKILL) }()
			cut(w, session)
			fails(t, <-done, "was cut off", "connection was lost", "pids "+strconv.Itoa(session))
		})
	}
}

func pids(t *testing.T, e *engine) (parent, self int) {
	t.Helper()
	log := e.waitFor(t, "pids ")
	_, err := fmt.Sscanf(log[strings.Index(log, "pids "):], "pids %d %d", &parent, &self)
	ok(t, err)
	return parent, self
}

func TestRemoteCancelClosesTheSession(t *testing.T) {
	t.Parallel()
	s := startSshd(t)
	x := start(t).thing(remoteCommand)
	done := make(chan error, 1)
	go func() {
		done <- x.create(object{"connection": s.connection(t, nil), "create": "echo pids $PPID $$; exec sleep 300"})
	}()
	session, command := pids(t, x.engine)
	defer func() { _ = syscall.Kill(command, syscall.SIGKILL) }()
	_, err := x.provider.Cancel(context.Background(), nil)
	ok(t, err)
	fails(t, <-done, "stopped because the update was cancelled")
	for deadline := time.Now().Add(5 * time.Second); !gone(session); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the session is still open")
		}
	}
}

func TestDialWaitsForALateServer(t *testing.T) {
	t.Parallel()
	findSshd(t)
	port := freePort(t)
	h := start(t)
	x := h.thing(remoteCommand)
	key := newKey(t)
	done := make(chan error, 1)
	s := &sshd{port: port, key: key}
	connection := s.connection(t, object{"dialErrorLimit": -1.0})
	go func() { done <- x.create(object{"connection": connection, "create": "echo hello"}) }()
	h.engine.waitFor(t, "failed (2): nothing listens there")
	late, err := launchSshd(t, port)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(filepath.Dir(late.log), "keys"), []byte(key.public), 0o600))
	ok(t, <-done)
	equal(t, x.text("stdout"), "hello")
}

func TestDialHonoursTheLimit(t *testing.T) {
	t.Parallel()
	h := start(t)
	port := float64(freePort(t))
	for limit, attempts := range map[float64]int{0: 1, 2: 3} {
		before := strings.Count(h.engine.log(), "Trying again")
		err := h.thing(remoteCommand).create(object{
			"connection": object{"host": "127.0.0.1", "port": port, "dialErrorLimit": limit}, "create": "true",
		})
		fails(t, err, fmt.Sprintf("failed %d times", attempts), fmt.Sprintf("dialErrorLimit is %.0f", limit), "connection refused")
		equal(t, strings.Count(h.engine.log(), "Trying again")-before, attempts-1)
	}
}

func TestDialStopsOnCancel(t *testing.T) {
	t.Parallel()
	x := start(t).thing(remoteCommand)
	done := make(chan error, 1)
	connection := object{"host": "127.0.0.1", "port": float64(freePort(t)), "dialErrorLimit": -1.0}
	go func() { done <- x.create(object{"connection": connection, "create": "true"}) }()
	x.engine.waitFor(t, "Trying again")
	_, err := x.provider.Cancel(context.Background(), nil)
	ok(t, err)
	fails(t, <-done, "Connecting to root@127.0.0.1:", "was stopped")
}
