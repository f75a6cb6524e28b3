package remote

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"

	"golang.org/x/crypto/ssh"
)

// trust sets which host keys config accepts.
func (e *Endpoint) trust(config *ssh.ClientConfig) error {
	if e.HostKey == nil || *e.HostKey == "" {
		config.HostKeyCallback = ssh.InsecureIgnoreHostKey()
		return nil
	}
	expected, err := parseHostKey(*e.HostKey)
	if err != nil {
		return err
	}
	config.HostKeyCallback = func(_ string, _ net.Addr, found ssh.PublicKey) error {
		if bytes.Equal(found.Marshal(), expected.Marshal()) {
			return nil
		}
		return permanent{fmt.Errorf("the server has another host key than connection.hostKey:\n"+
			"    expected %s %s\n    found    %s %s\n"+
			"  If the host was set up anew, put its new public key into connection.hostKey. If it was not, someone may be in between",
			expected.Type(), ssh.FingerprintSHA256(expected), found.Type(), ssh.FingerprintSHA256(found))}
	}
	// A server has a key of each type and shows the one the client likes best: that has to be the type of the expected key.
	preferred := []string{expected.Type()}
	if expected.Type() == ssh.KeyAlgoRSA {
		preferred = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	for _, algorithm := range ssh.SupportedAlgorithms().HostKeys {
		if !slices.Contains(preferred, algorithm) {
			preferred = append(preferred, algorithm)
		}
	}
	config.HostKeyAlgorithms = preferred
	return nil
}

// parseHostKey reads the line of a .pub file, or one of known_hosts.
func parseHostKey(text string) (ssh.PublicKey, error) {
	if key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(text)); err == nil {
		return key, nil
	}
	if _, _, key, _, _, err := ssh.ParseKnownHosts([]byte(text)); err == nil {
		return key, nil
	}
	return nil, permanent{errors.New("connection.hostKey is not a public key; " +
		"give a line like \"ssh-ed25519 AAAA…\", for example from /etc/ssh/ssh_host_ed25519_key.pub of the host")}
}
