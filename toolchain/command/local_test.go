package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestLocalCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, test := range map[string]struct {
		inputs object
		stdout string
		stderr string
	}{
		"prints":                    {object{"create": "echo out; echo err >&2"}, "out", "err"},
		"loses one newline":         {object{"create": "printf 'a\\n\\n'"}, "a\n", ""},
		"runs in dir":               {object{"create": "pwd", "dir": dir}, dir, ""},
		"has the environment":       {object{"create": "echo $GREETING", "environment": object{"GREETING": "hi there"}}, "hi there", ""},
		"keeps the engine's":        {object{"create": "echo ${PATH:+yes}", "environment": object{"A": "b"}}, "yes", ""},
		"reads stdin":               {object{"create": "cat", "stdin": "words\n"}, "words", ""},
		"has an empty stdin":        {object{"create": "cat; echo end"}, "end", ""},
		"need not read stdin":       {object{"create": "echo done", "stdin": strings.Repeat("x", 1<<20)}, "done", ""},
		"takes another interpreter": {object{"create": "hi", "interpreter": []any{"/bin/echo", "-n", "oh"}}, "oh hi", ""},
		"does nothing":              {object{"delete": "true"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(localCommand)
			ok(t, x.create(test.inputs))
			equal(t, x.text("stdout"), test.stdout)
			equal(t, x.text("stderr"), test.stderr)
			if x.id == "" {
				t.Error("there is no id")
			}
		})
	}
}

func TestLocalUpdateRunsUpdateOrElseCreate(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	ok(t, x.create(object{"create": "echo one; echo warn >&2"}))
	ok(t, x.update(object{"create": "echo again after $PULUMI_COMMAND_STDOUT and $PULUMI_COMMAND_STDERR"}))
	equal(t, x.text("stdout"), "again after one and warn")
	ok(t, x.update(object{"create": "false", "update": "echo two"}))
	equal(t, x.text("stdout"), "two")
	ok(t, x.update(object{"create": "false", "update": "echo [$PULUMI_COMMAND_STDOUT]", "addPreviousOutputInEnv": false}))
	equal(t, x.text("stdout"), "[]")
	ok(t, x.update(object{"delete": "true"}))
	equal(t, x.text("stdout"), "[]")
}

func TestLocalUpdateThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	ok(t, x.create(object{"create": "echo one"}))
	fails(t, x.update(object{"create": "echo one", "update": "exit 7"}), "The update command", "exit status 7")
	equal(t, x.text("stdout"), "one")
}

func TestLocalDeleteKnowsTheOutput(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "made")
	x := start(t).thing(localCommand)
	ok(t, x.create(object{"create": "touch " + file + "; echo " + file, "delete": `rm "$PULUMI_COMMAND_STDOUT"`}))
	ok(t, x.delete())
	if _, err := os.Stat(file); err == nil {
		t.Error("the file is still there")
	}
	fails(t, x.delete(), "The delete command", "exit status 1", "No such file")
}

func TestLocalFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inputs object
		texts  []string
	}{
		"exit status":    {object{"create": "echo why; echo because >&2; exit 3"}, []string{"The create command on this machine", "exit status 3", "why", "because"}},
		"end only":       {object{"create": "seq 1000; exit 1"}, []string{"The end of what it printed", "    981\n", "1000"}},
		"signal":         {object{"create": "kill -9 $$"}, []string{"signal: killed"}},
		"no directory":   {object{"create": "true", "dir": "/no/such"}, []string{`"/no/such" is not a directory`}},
		"no interpreter": {object{"create": "true", "interpreter": []any{"/no/such"}}, []string{"there is no program /no/such"}},
		"too long":       {object{"create": ": " + strings.Repeat("x", 200<<10)}, []string{"longer than this system allows", "stdin"}},
		"bad pattern":    {object{"create": "true", "assetPaths": []any{"["}}, []string{`"["`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fails(t, start(t).thing(localCommand).create(test.inputs), test.texts...)
		})
	}
}

func TestLocalLogging(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string][2]bool{
		"": {true, true}, "stdoutAndStderr": {true, true}, "stdout": {true, false}, "stderr": {false, true}, "none": {false, false},
	} {
		t.Run("mode "+mode, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(localCommand)
			inputs := object{"create": "echo to-out; echo to-err >&2; exit 1"}
			if mode != "" {
				inputs["logging"] = mode
			}
			err := x.create(inputs)
			fails(t, err, "exit status 1")
			for _, text := range []string{err.Error(), x.engine.log()} {
				equal(t, strings.Contains(text, "to-out"), want[0])
				equal(t, strings.Contains(text, "to-err"), want[1])
			}
		})
	}
}

func TestLocalOutputIsShownWhileItRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, syscall.Mkfifo(filepath.Join(dir, "gate"), 0o600))
	x := start(t).thing(localCommand)
	done := make(chan error, 1)
	go func() { done <- x.create(object{"create": "echo first; cat gate; echo last", "dir": dir}) }()
	lacks(t, x.engine.waitFor(t, "INFO first"), "last")
	ok(t, os.WriteFile(filepath.Join(dir, "gate"), nil, 0o600))
	ok(t, <-done)
	x.engine.waitFor(t, "last")
}

func TestLocalLargeOutputIsComplete(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{
		"lines":    "seq -f '%09.0f' 1 1048576",
		"one line": "head -c 10485759 /dev/zero | tr '\\0' x; echo",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := start(t).thing(localCommand)
			ok(t, x.create(object{"create": command, "logging": "stderr"}))
			y := start(t).thing(localCommand)
			ok(t, y.create(object{"create": "(" + command + ") | sha256sum"}))
			equal(t, fmt.Sprintf("%x  -", sha256.Sum256([]byte(x.text("stdout")+"\n"))), y.text("stdout"))
			equal(t, len(x.text("stdout")), 10<<20-1)
		})
	}
}

func TestLocalLogIsComplete(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	ok(t, x.create(object{"create": "seq 20000; head -c 100000 /dev/zero | tr '\\0' y"}))
	log := strings.ReplaceAll(x.engine.log(), "INFO ", "")
	equal(t, strings.Count(log, "y"), 100000)
	for i, line := range strings.Split(log, "\n")[:20000] {
		if line != strconv.Itoa(i+1) {
			t.Fatalf("line %d is %q", i+1, line)
		}
	}
}

func TestLocalOutputThatIsNotText(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	ok(t, x.create(object{"create": `printf 'a\377b'`}))
	equal(t, x.text("stdout"), "a\uFFFDb")
	x.engine.waitFor(t, "not UTF-8")
}

func TestLocalPreviousOutputThatDoesNotFit(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	ok(t, x.create(object{"create": "seq 50000", "logging": "none"}))
	ok(t, x.update(object{"create": "echo [$PULUMI_COMMAND_STDOUT]"}))
	equal(t, x.text("stdout"), "[]")
	x.engine.waitFor(t, "PULUMI_COMMAND_STDOUT is left out")
}

func TestLocalAssetsAndArchive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	x := start(t).thing(localCommand)
	rules := []any{"assets/**", "src/**.js", "!**secret.*"}
	ok(t, x.create(object{
		"create": "mkdir -p assets/logos src && touch assets/logos/logo.svg src/index.js src/secret.js other",
		"dir":    dir, "assetPaths": rules, "archivePaths": rules,
	}))
	assets := x.outputs["assets"].ObjectValue()
	equal(t, len(assets), 2)
	equal(t, assets["src/index.js"].AssetValue().Path, filepath.Join(dir, "src/index.js"))
	equal(t, assets["assets/logos/logo.svg"].IsAsset(), true)
	equal(t, len(x.outputs["archive"].ArchiveValue().Assets), 2)
	ok(t, x.delete())
}

func TestLocalCancelEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	done := make(chan error, 1)
	go func() { done <- x.create(object{"create": "sleep 300 & echo child $!; wait"}) }()
	log := x.engine.waitFor(t, "child ")
	child, err := strconv.Atoi(strings.Fields(log[strings.Index(log, "child ")+6:])[0])
	ok(t, err)
	_, err = x.provider.Cancel(context.Background(), nil)
	ok(t, err)
	fails(t, <-done, "stopped because the update was cancelled")
	for deadline := time.Now().Add(5 * time.Second); !gone(child); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the child lives")
		}
	}
}

// gone is true for a process that ended, even if no one asked for its status yet.
func gone(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(status), ") Z ")
}

func TestLocalCustomTimeout(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	x.timeout = 1
	fails(t, x.create(object{"create": "exec sleep 300"}), "customTimeouts")
}

func TestLocalRunFunction(t *testing.T) {
	t.Parallel()
	h := start(t)
	resp, err := h.provider.Invoke(context.Background(), &rpc.InvokeRequest{
		Tok: "command:local:run", Args: marshal(t, object{"command": "cat; echo $A", "stdin": "in ", "environment": object{"A": secret("a")}}),
	})
	ok(t, err)
	out := unmarshal(t, resp.Return)
	equal(t, out["stdout"].IsSecret(), true)
	equal(t, out["stdout"].SecretValue().Element.StringValue(), "in a")
	equal(t, out["command"].StringValue(), "cat; echo $A")
	_, err = h.provider.Invoke(context.Background(), &rpc.InvokeRequest{Tok: "command:local:run", Args: marshal(t, object{"command": "exit 4"})})
	fails(t, err, "exit status 4")
}

func TestLocalRefreshRunsNothing(t *testing.T) {
	t.Parallel()
	x := start(t).thing(localCommand)
	ok(t, x.create(object{"create": "echo one"}))
	resp, err := x.provider.Read(context.Background(), &rpc.ReadRequest{
		Id: x.id, Urn: x.urn, Properties: marshalMap(t, x.outputs), Inputs: marshalMap(t, x.inputs),
	})
	ok(t, err)
	equal(t, resp.Id, x.id)
	equal(t, unmarshal(t, resp.Properties).DeepEquals(x.outputs), true)
	equal(t, unmarshal(t, resp.Inputs).DeepEquals(x.inputs), true)
}

func TestTriggersOfAnyKindSurvive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, "file"), []byte("content"), 0o600))
	asset, err := resource.NewPathAsset(filepath.Join(dir, "file"))
	ok(t, err)
	archive, err := resource.NewPathArchive(dir)
	ok(t, err)
	inputs := object{"create": "echo one", "delete": "true", "triggers": []any{"a", 1.0, true, object{"k": []any{"v"}}, asset, archive, secret("s")}}
	x := start(t).thing(localCommand)
	ok(t, x.create(inputs))
	if got, want := x.outputs["triggers"], resource.NewPropertyValue(inputs["triggers"]); !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	equal(t, x.diff(inputs).Changes, rpc.DiffResponse_DIFF_NONE)
	ok(t, x.update(inputs))
	ok(t, x.delete())
}
