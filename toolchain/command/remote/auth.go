package remote

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// login gathers the ways to log in to e. The caller calls the function it returns once it is logged in, or not.
func (e *Endpoint) login() ([]ssh.AuthMethod, func(), error) {
	var methods []ssh.AuthMethod
	signer, err := e.signer()
	if err != nil {
		return nil, nil, err
	}
	agentConn, err := e.agent()
	if err != nil {
		return nil, nil, err
	}
	done := func() {
		if agentConn != nil {
			_ = agentConn.Close()
		}
	}
	// One method for all keys: the client tries each kind of method once.
	if signer != nil || agentConn != nil {
		methods = append(methods, ssh.PublicKeysCallback(func() ([]ssh.Signer, error) { return signers(signer, agentConn) }))
	}
	if e.Password != nil {
		methods = append(methods, ssh.Password(*e.Password), ssh.KeyboardInteractive(e.answer))
	}
	return methods, done, nil
}

// permanent is an error that another attempt cannot cure.
type permanent struct{ error }

func (e *Endpoint) signer() (ssh.Signer, error) {
	if e.PrivateKey == nil || *e.PrivateKey == "" {
		return nil, nil
	}
	var signer ssh.Signer
	var err error
	if password := valueOr(e.PrivateKeyPassword, ""); password != "" {
		signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(*e.PrivateKey), []byte(password))
	} else {
		signer, err = ssh.ParsePrivateKey([]byte(*e.PrivateKey))
	}
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return signer, nil
	case errors.As(err, &locked):
		return nil, permanent{errors.New("connection.privateKey is encrypted; set connection.privateKeyPassword")}
	case errors.Is(err, x509.IncorrectPasswordError):
		return nil, permanent{errors.New("connection.privateKeyPassword does not open connection.privateKey")}
	}
	return nil, permanent{errors.New("connection.privateKey is not a private key in PEM or OpenSSH format; " +
		"give the text of the key file, not its path, with all its line ends")}
}

// agent connects to the SSH agent. One that only the environment names may be gone.
func (e *Endpoint) agent() (net.Conn, error) {
	path, chosen := os.Getenv("SSH_AUTH_SOCK"), false
	if e.AgentSocketPath != nil && *e.AgentSocketPath != "" {
		path, chosen = *e.AgentSocketPath, true
	}
	if path == "" {
		return nil, nil
	}
	conn, err := net.Dial("unix", path)
	if err != nil && chosen {
		return nil, permanent{fmt.Errorf("there is no SSH agent at connection.agentSocketPath: %w", err)}
	}
	if err != nil {
		return nil, nil
	}
	return conn, nil
}

func signers(first ssh.Signer, agentConn net.Conn) ([]ssh.Signer, error) {
	var all []ssh.Signer
	if first != nil {
		all = append(all, first)
	}
	if agentConn == nil {
		return all, nil
	}
	more, err := agent.NewClient(agentConn).Signers()
	if err != nil && first == nil {
		return nil, fmt.Errorf("the SSH agent does not list its keys: %w", err)
	}
	return append(all, more...), nil
}

// answer gives the password to every question: PAM asks for it that way.
func (e *Endpoint) answer(_, _ string, questions []string, _ []bool) ([]string, error) {
	answers := make([]string, len(questions))
	for i := range answers {
		answers[i] = *e.Password
	}
	return answers, nil
}
