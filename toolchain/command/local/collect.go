package local

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobwas/glob"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func collectAssets(dir string, patterns []string) (map[string]types.AssetOrArchive, error) {
	if patterns == nil {
		return nil, nil
	}
	paths, err := match(dir, patterns)
	if err != nil {
		return nil, err
	}
	assets := map[string]types.AssetOrArchive{}
	for _, path := range paths {
		asset, err := resource.NewPathAsset(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			return nil, fmt.Errorf("reading %s, which assetPaths match: %w", path, err)
		}
		assets[path] = types.AssetOrArchive{Asset: asset}
	}
	return assets, nil
}

func collectArchive(dir string, patterns []string) (*resource.Archive, error) {
	if patterns == nil {
		return nil, nil
	}
	assets, err := collectAssets(dir, patterns)
	if err != nil {
		return nil, err
	}
	members := map[string]any{}
	for path, asset := range assets {
		members[path] = asset.Asset
	}
	archive, err := resource.NewAssetArchive(members)
	if err != nil {
		return nil, fmt.Errorf("making the archive of the files that archivePaths match: %w", err)
	}
	return archive, nil
}

// match lists the files under dir that the patterns let in, in order of their names.
func match(dir string, patterns []string) ([]string, error) {
	type rule struct {
		glob    glob.Glob
		exclude bool
	}
	var rules []rule
	for _, pattern := range patterns {
		text, exclude := strings.CutPrefix(pattern, "!")
		compiled, err := glob.Compile(text, '/')
		if err != nil {
			return nil, fmt.Errorf("the pattern %q is not a glob: %w", pattern, err)
		}
		rules = append(rules, rule{compiled, exclude})
	}
	var paths []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		in := false
		for _, r := range rules {
			if r.glob.Match(path) {
				in = !r.exclude
			}
		}
		if in {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for files in %s: %w", dir, err)
	}
	return paths, nil
}
