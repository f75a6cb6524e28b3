package remote

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/pkg/sftp"
)

// file copies one local file.
func (u *uploader) file(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return fmt.Errorf("there is nothing to copy (%w)", err)
	}
	// To open a pipe would wait for its other end.
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file; links to directories, pipes and devices are not copied", from)
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	return u.write(source, info.Size(), to)
}

// write puts content into a remote file. Where it can, it writes beside the file and swaps the two, so that no one sees half.
func (u *uploader) write(content io.Reader, size int64, to string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing %s: %w", to, err)
		}
	}()
	existing, err := u.stat(to)
	if err != nil {
		return err
	}
	if existing != nil && existing.IsDir() {
		return errors.New("it is a directory")
	}
	target, ok := u.swappable(to, existing)
	if !ok {
		return u.fill(to, content, size, nil)
	}
	beside := path.Join(path.Dir(target), "."+path.Base(target)+"."+rand.Text()[:8])
	err = u.fill(beside, content, size, existing)
	if errors.Is(err, errNotMade) && existing != nil {
		// The directory is closed to this user, the file may not be.
		return u.fill(to, content, size, nil)
	}
	if err == nil {
		err = u.PosixRename(beside, target)
	}
	if err != nil {
		_ = u.Remove(beside)
	}
	return err
}

// swappable returns the file that to stands for, and whether another may take its place without any loss: of the link that
// leads there, of its owner, or of what is more than a file.
func (u *uploader) swappable(to string, existing fs.FileInfo) (string, bool) {
	if _, ok := u.HasExtension("posix-rename@openssh.com"); !ok {
		return to, false
	}
	if existing == nil {
		link, err := u.Lstat(to)
		return to, err != nil || link.Mode()&fs.ModeSymlink == 0
	}
	target, err := u.RealPath(to)
	if err != nil || !existing.Mode().IsRegular() {
		return to, false
	}
	// SFTP does not tell who is logged in; who owns the home directory comes close.
	own, err := u.Stat(".")
	if err != nil {
		return to, false
	}
	theirs, mine := existing.Sys().(*sftp.FileStat), own.Sys().(*sftp.FileStat)
	return target, theirs.UID == mine.UID && theirs.GID == mine.GID
}

var errNotMade = errors.New("the file cannot be made")

// fill writes all of content into a file. A new file gets the mode of like before anything is in it.
func (u *uploader) fill(to string, content io.Reader, size int64, like fs.FileInfo) (err error) {
	file, err := u.Create(to)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotMade, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if like != nil {
		if err := file.Chmod(like.Mode().Perm()); err != nil {
			return err
		}
	}
	written, err := file.ReadFrom(content)
	if err == nil && written != size {
		return fmt.Errorf("%d bytes arrived where %d were expected; did the file change meanwhile?", written, size)
	}
	return err
}
