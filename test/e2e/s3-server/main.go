// An S3 server on loopback that keeps one bucket in memory and checks signatures; it ends with its standard input.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

func main() {
	if err := serve(os.Getenv("S3_BUCKET"), os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(bucket, keyID, key string) error {
	storage := s3mem.New()
	if err := storage.CreateBucket(context.Background(), bucket); err != nil {
		return err
	}
	server := gofakes3.New(storage, gofakes3.WithV4Auth(map[string]string{keyID: key}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr())
	return http.Serve(listener, server.Server())
}
