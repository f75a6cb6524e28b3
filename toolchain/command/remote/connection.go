// Package remote runs commands on other machines and copies files there, over SSH.
package remote

import (
	"net"
	"strconv"

	"github.com/pulumi/pulumi-go-provider/infer"
)

const (
	defaultPort           = 22
	defaultUser           = "root"
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15
)

// Endpoint is one SSH server and how to log in there.
type Endpoint struct {
	Host               string   `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
}

// Connection is the server to work on.
type Connection struct {
	Endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// ProxyConnection is the server that leads there.
type ProxyConnection struct {
	Endpoint
}

// Annotate describes the properties in the schema.
func (e *Endpoint) Annotate(a infer.Annotator) {
	a.Describe(&e.Host, "The name or address of the host.")
	a.Describe(&e.Port, "The port of its SSH server.")
	a.SetDefault(&e.Port, float64(defaultPort))
	a.Describe(&e.User, "The user to log in as.")
	a.SetDefault(&e.User, defaultUser)
	a.Describe(&e.Password, "The user's password. Keys are tried before it.")
	a.Describe(&e.PrivateKey, "The text of a private key.")
	a.Describe(&e.PrivateKeyPassword, "The password of the private key, if it is encrypted.")
	a.Describe(&e.AgentSocketPath, "The socket of an SSH agent. That of SSH_AUTH_SOCK by default, if there is one.")
	a.Describe(&e.HostKey, "The server's public key, as in a .pub file. If it is not set, any key is accepted.")
	a.Describe(&e.DialErrorLimit, "How many attempts to connect may fail before the resource does. -1 for no limit.")
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.Describe(&e.PerDialTimeout, "The seconds that one attempt to connect may take. 0 for no limit.")
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
}

// Annotate describes the type in the schema.
func (c *Connection) Annotate(a infer.Annotator) {
	a.Describe(&c, "How to reach and log in to a host.")
	a.Describe(&c.Proxy, "A host to connect through.")
}

// Annotate describes the type in the schema.
func (c *ProxyConnection) Annotate(a infer.Annotator) {
	a.Describe(&c, "How to reach and log in to a host that leads to another one.")
}

// The defaults repeat here for state and programs that come without them.

func (e *Endpoint) address() string {
	return net.JoinHostPort(e.Host, strconv.Itoa(int(valueOr(e.Port, defaultPort))))
}

func (e *Endpoint) user() string { return valueOr(e.User, defaultUser) }

func (e *Endpoint) String() string { return e.user() + "@" + e.address() }

func valueOr[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
