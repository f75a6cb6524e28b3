package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"

	"homelab/toolchain/command/capture"
)

// uploader copies to one host.
type uploader struct{ *sftp.Client }

// upload connects, copies, and puts into words what went wrong.
func upload(ctx context.Context, connection *Connection, to string, copy func(*uploader) error) error {
	what := fmt.Sprintf("Copying to %s:%s", &connection.Endpoint, to)
	client, err := connection.dial(ctx)
	if err != nil {
		return fmt.Errorf("%s did not start. %w", what, err)
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	// A failed write leaves nothing behind that counts: files take their name when they are complete.
	files, err := sftp.NewClient(client, sftp.UseConcurrentWrites(true))
	if err != nil {
		return fmt.Errorf("%s did not start: the server has no SFTP (%w).\n"+
			"  Install it there; in Debian it is in the package openssh-sftp-server.", what, err)
	}
	defer files.Close()
	if err := copy(&uploader{files}); err != nil {
		return fmt.Errorf("%s failed: %s", what, capture.Redact(ctx, explainCopy(ctx, err)))
	}
	return nil
}

func explainCopy(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil:
		return "it was stopped; the update was cancelled, or its time is up. Run the update again."
	case errors.Is(err, fs.ErrPermission):
		return err.Error() + ".\n  Allow the user of the connection to write there, or connect as another one."
	case errors.Is(err, sftp.ErrSSHFxConnectionLost), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was lost on the way (" + err.Error() + ").\n  Run the update again; it copies everything anew."
	}
	return err.Error() + "."
}

// text writes a text to a file.
func (u *uploader) text(text, to string) error {
	if info, err := u.stat(to); err != nil {
		return err
	} else if info != nil && info.IsDir() {
		return fmt.Errorf("%s is a directory, and a text has no name of its own; end remotePath with a file name", to)
	}
	if err := u.directory(path.Dir(to)); err != nil {
		return err
	}
	return u.write(strings.NewReader(text), int64(len(text)), to)
}

// path copies a local file or directory to where remotePath says.
func (u *uploader) path(from, to string) error {
	local, err := os.Stat(from)
	if err != nil {
		return fmt.Errorf("there is nothing to copy (%w)", err)
	}
	existing, err := u.stat(to)
	if err != nil {
		return err
	}
	into := existing != nil && existing.IsDir()
	name := filepath.Base(from)
	switch {
	case local.IsDir() && existing != nil && !into:
		return fmt.Errorf("%s is a file, and a directory cannot take its place", to)
	case local.IsDir() && strings.HasSuffix(from, "/"):
		return u.tree(from, to)
	case local.IsDir(), into:
		to = path.Join(to, name)
	}
	if local.IsDir() {
		return u.tree(from, to)
	}
	if err := u.directory(path.Dir(to)); err != nil {
		return err
	}
	return u.file(from, to)
}

// tree copies all that is in a directory.
func (u *uploader) tree(from, to string) error {
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	return filepath.WalkDir(from, func(local string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, local)
		if err != nil {
			return err
		}
		remote := path.Join(to, filepath.ToSlash(relative))
		if entry.IsDir() {
			return u.directory(remote)
		}
		return u.file(local, remote)
	})
}

// directory makes a directory and those above it.
func (u *uploader) directory(remote string) error {
	info, err := u.stat(remote)
	switch {
	case err != nil:
		return err
	case info != nil && !info.IsDir():
		return fmt.Errorf("%s is a file where a directory has to be", remote)
	case info != nil:
		return nil
	}
	if err := u.MkdirAll(remote); err != nil {
		return fmt.Errorf("making the directory %s: %w", remote, err)
	}
	return nil
}

// stat returns nil if there is nothing.
func (u *uploader) stat(remote string) (fs.FileInfo, error) {
	info, err := u.Stat(remote)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", remote, err)
	}
	return info, nil
}
