package main

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// copying is one server, with a directory to copy from and one to copy to.
type copying struct {
	*harness
	connection object
	from, to   string
}

func startCopying(t *testing.T) *copying {
	t.Helper()
	s := startSshd(t)
	c := &copying{start(t), s.connection(t, nil), filepath.Join(t.TempDir(), "src"), t.TempDir()}
	for name, text := range map[string]string{"file": "content\n", "empty": "", "one/two/deep": "deep\n", "run.sh": "#!/bin/sh\n"} {
		path := filepath.Join(c.from, name)
		ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
		ok(t, os.WriteFile(path, []byte(text), 0o755))
	}
	return c
}

// copy creates the resource; source is an asset or archive.
func (c *copying) copy(source any, to string) error {
	c.t.Helper()
	return c.thing(copyToRemote).create(object{"connection": c.connection, "source": source, "remotePath": filepath.Join(c.to, to)})
}

func (c *copying) file(path string) *resource.Asset {
	c.t.Helper()
	asset, err := resource.NewPathAsset(filepath.Join(c.from, path))
	ok(c.t, err)
	return asset
}

func (c *copying) directory(path string) *resource.Archive {
	c.t.Helper()
	archive, err := resource.NewPathArchive(c.from + path)
	ok(c.t, err)
	return archive
}

// has wants exactly these files to be there, by their path below the directory copied to.
func (c *copying) has(want map[string]string) {
	c.t.Helper()
	got := map[string]string{}
	ok(c.t, filepath.WalkDir(c.to, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		got[strings.TrimPrefix(path, c.to+"/")] = string(text)
		return err
	}))
	if !maps.Equal(got, want) {
		c.t.Errorf("got  %q\nwant %q", got, want)
	}
}

func tree(prefix string) map[string]string {
	return map[string]string{
		prefix + "file": "content\n", prefix + "empty": "", prefix + "one/two/deep": "deep\n", prefix + "run.sh": "#!/bin/sh\n",
	}
}

func TestCopyPlaces(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare map[string]string
		source  func(c *copying) any
		to      string
		want    map[string]string
	}{
		"a file to a new name":            {nil, func(c *copying) any { return c.file("file") }, "new", map[string]string{"new": "content\n"}},
		"a file below new directories":    {nil, func(c *copying) any { return c.file("file") }, "a/b/new", map[string]string{"a/b/new": "content\n"}},
		"a file over a file":              {map[string]string{"old": "much longer than before\n"}, func(c *copying) any { return c.file("file") }, "old", map[string]string{"old": "content\n"}},
		"a file into a directory":         {map[string]string{"dir/other": ""}, func(c *copying) any { return c.file("file") }, "dir", map[string]string{"dir/other": "", "dir/file": "content\n"}},
		"an empty file":                   {nil, func(c *copying) any { return c.file("empty") }, "new", map[string]string{"new": ""}},
		"a text":                          {nil, func(c *copying) any { return textAsset(c.t, "text") }, "a/new", map[string]string{"a/new": "text"}},
		"an empty text over a file":       {map[string]string{"old": "before"}, func(c *copying) any { return textAsset(c.t, "") }, "old", map[string]string{"old": ""}},
		"a directory to a new name":       {nil, func(c *copying) any { return c.directory("") }, "new", tree("new/src/")},
		"a directory into a directory":    {map[string]string{"dir/other": ""}, func(c *copying) any { return c.directory("") }, "dir", with(tree("dir/src/"), "dir/other")},
		"a directory over itself":         {map[string]string{"src/file": "before", "src/kept": ""}, func(c *copying) any { return c.directory("") }, "", with(tree("src/"), "src/kept")},
		"what is in a directory to a new": {nil, func(c *copying) any { return c.directory("/") }, "new", tree("new/")},
		"what is in a directory into one": {map[string]string{"dir/other": ""}, func(c *copying) any { return c.directory("/") }, "dir", with(tree("dir/"), "dir/other")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startCopying(t)
			for path, text := range test.prepare {
				ok(t, os.MkdirAll(filepath.Dir(filepath.Join(c.to, path)), 0o755))
				ok(t, os.WriteFile(filepath.Join(c.to, path), []byte(text), 0o644))
			}
			ok(t, c.copy(test.source(c), test.to))
			c.has(test.want)
		})
	}
}

func with(files map[string]string, empty string) map[string]string {
	files[empty] = ""
	return files
}

func TestCopyOfALargeFile(t *testing.T) {
	t.Parallel()
	c := startCopying(t)
	content := make([]byte, 10<<20+1)
	_, err := rand.Read(content)
	ok(t, err)
	ok(t, os.WriteFile(filepath.Join(c.from, "large"), content, 0o600))
	ok(t, c.copy(c.file("large"), "large"))
	got, err := os.ReadFile(filepath.Join(c.to, "large"))
	ok(t, err)
	equal(t, bytes.Equal(got, content), true)
}

func TestCopyFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source func(c *copying) any
		to     string
		texts  []string
	}{
		"no source":             {func(c *copying) any { return &resource.Asset{Sig: resource.AssetSig, Path: "/no/such"} }, "new", []string{"nothing to copy", "/no/such"}},
		"text to a directory":   {func(c *copying) any { return textAsset(c.t, "text") }, "", []string{"is a directory", "file name"}},
		"directory over a file": {func(c *copying) any { return c.directory("") }, "plain", []string{"is a file, and a directory cannot take its place"}},
		"below a file":          {func(c *copying) any { return c.file("file") }, "plain/new", []string{"plain"}},
		"a link to a directory": {func(c *copying) any { _ = os.Symlink("one", c.from+"/link"); return c.directory("") }, "new", []string{"link is not a file"}},
		"a pipe": {func(c *copying) any {
			_ = syscall.Mkfifo(c.from+"/pipe", 0o600)
			return &resource.Archive{Sig: resource.ArchiveSig, Path: c.from}
		}, "new", []string{"pipe is not a file"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startCopying(t)
			ok(t, os.WriteFile(filepath.Join(c.to, "plain"), nil, 0o644))
			fails(t, c.copy(test.source(c), test.to), append(test.texts, "Copying to ", c.to)...)
		})
	}
}

func TestCopyWithoutPermission(t *testing.T) {
	t.Parallel()
	c := startCopying(t)
	target := "/proc/homelab-test/new"
	if os.Geteuid() != 0 {
		target = "/usr/homelab-test/new"
	}
	err := c.thing(copyToRemote).create(object{"connection": c.connection, "source": c.file("file"), "remotePath": target})
	fails(t, err, target, "making the directory")
	if os.Geteuid() == 0 {
		// Root may write anywhere, so the way a user is refused is tested with what the kernel refuses to everyone.
		err = c.thing(copyToRemote).create(object{"connection": c.connection, "source": c.file("file"), "remotePath": "/proc/new"})
		fails(t, err, "writing /proc/new")
		return
	}
	fails(t, err, "permission denied", "connect as another one")
}

func TestCopyKeepsModeAndLinks(t *testing.T) {
	t.Parallel()
	c := startCopying(t)
	ok(t, os.WriteFile(filepath.Join(c.to, "secret"), []byte("before"), 0o600))
	ok(t, os.Symlink("secret", filepath.Join(c.to, "link")))
	ok(t, c.copy(c.file("file"), "link"))
	c.has(map[string]string{"secret": "content\n", "link": "content\n"})
	info, err := os.Lstat(filepath.Join(c.to, "secret"))
	ok(t, err)
	equal(t, info.Mode().Perm(), 0o600)
	link, err := os.Lstat(filepath.Join(c.to, "link"))
	ok(t, err)
	equal(t, link.Mode().Type(), fs.ModeSymlink)
}

func TestCopySwapsTheFile(t *testing.T) {
	t.Parallel()
	c := startCopying(t)
	path := filepath.Join(c.to, "file")
	ok(t, os.WriteFile(path, []byte("before"), 0o644))
	reader, err := os.Open(path)
	ok(t, err)
	defer reader.Close()
	ok(t, c.copy(c.file("file"), "file"))
	// Who has the old file open goes on reading the old file, never a mixture.
	text := make([]byte, 100)
	n, _ := reader.Read(text)
	equal(t, string(text[:n]), "before")
}

func TestCopyUpdate(t *testing.T) {
	t.Parallel()
	c := startCopying(t)
	x := c.thing(copyToRemote)
	inputs := object{"connection": c.connection, "source": c.file("file"), "remotePath": c.to + "/file"}
	ok(t, x.create(inputs))
	equal(t, x.diff(inputs).Changes, rpc.DiffResponse_DIFF_NONE)
	ok(t, os.WriteFile(filepath.Join(c.from, "file"), []byte("changed\n"), 0o644))
	inputs["source"] = c.file("file")
	diff := x.diff(inputs)
	equal(t, diff.Changes, rpc.DiffResponse_DIFF_SOME)
	equal(t, len(diff.Replaces), 0)
	ok(t, x.update(inputs))
	c.has(map[string]string{"file": "changed\n"})
	inputs["remotePath"] = c.to + "/elsewhere"
	ok(t, x.update(inputs))
	inputs["triggers"] = []any{1.0}
	equal(t, slices.Contains(x.diff(inputs).Replaces, "triggers"), true)
	ok(t, x.delete())
	c.has(map[string]string{"file": "changed\n", "elsewhere": "changed\n"})
}

func TestCopyRefusesOtherSources(t *testing.T) {
	t.Parallel()
	x := start(t).thing(copyToRemote)
	remote := &resource.Asset{Sig: resource.AssetSig, URI: "https://example.org"}
	assets, err := resource.NewAssetArchive(map[string]any{"a": textAsset(t, "a")})
	ok(t, err)
	for text, source := range map[string]any{"RemoteAsset": remote, "use a FileArchive": assets} {
		resp, err := x.provider.Check(t.Context(), &rpc.CheckRequest{
			Urn: x.urn, News: marshal(t, object{"connection": object{"host": "h"}, "source": source, "remotePath": "/x"}),
		})
		ok(t, err)
		if len(resp.Failures) != 1 || resp.Failures[0].Property != "source" || !strings.Contains(resp.Failures[0].Reason, text) {
			t.Errorf("%s: %v", text, resp.Failures)
		}
	}
}

func TestCheckOfAConnection(t *testing.T) {
	t.Parallel()
	x := start(t).thing(remoteCommand)
	connection := x.check(object{"connection": object{"host": "h", "proxy": object{"host": "p"}}})["connection"]
	equal(t, connection.IsSecret(), true)
	of := connection.SecretValue().Element.ObjectValue()
	for _, endpoint := range []properties{of, of["proxy"].ObjectValue()} {
		equal(t, endpoint["port"].NumberValue(), 22)
		equal(t, endpoint["user"].StringValue(), "root")
		equal(t, endpoint["dialErrorLimit"].NumberValue(), 10)
		equal(t, endpoint["perDialTimeout"].NumberValue(), 15)
	}
	resp, err := x.provider.Check(t.Context(), &rpc.CheckRequest{Urn: x.urn, News: marshal(t, object{"connection": object{}})})
	ok(t, err)
	equal(t, len(resp.Failures), 1)
}

func TestCopyFile(t *testing.T) {
	t.Parallel()
	c := startCopying(t)
	x := c.thing(copyFile)
	inputs := object{"connection": c.connection, "localPath": c.from + "/file", "remotePath": c.to + "/new"}
	ok(t, x.create(inputs))
	c.has(map[string]string{"new": "content\n"})
	inputs["remotePath"] = c.to + "/other"
	equal(t, len(x.diff(inputs).Replaces) > 0, true)
	inputs["localPath"] = "/no/such"
	fails(t, c.thing(copyFile).create(inputs), "nothing to copy", "/no/such")
}

func TestCopyConnectionLost(t *testing.T) {
	t.Parallel()
	c := startCopying(t)
	w := startWire(t, int(c.connection["port"].(float64)), 1<<20)
	c.connection["port"] = w.port()
	ok(t, os.WriteFile(filepath.Join(c.to, "file"), []byte("before"), 0o644))
	fails(t, c.copy(textAsset(t, strings.Repeat("x", 4<<20)), "file"), "connection was lost", "Run the update again")
	text, err := os.ReadFile(filepath.Join(c.to, "file"))
	ok(t, err)
	equal(t, string(text), "before")
}
