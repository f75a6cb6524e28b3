import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { test } from "./machine-test.ts";

const dash = findProgram("dash");

/** What real programs do with a script, in a folder of its own. */
function runReally(script: string, input: string): { code: number | null; out: string; err: string } {
  const cwd = mkdtempSync(join(tmpdir(), "shell-"));
  try {
    const { status, stdout, stderr } = spawnSync(dash ?? "", ["-c", `umask 022\n${script}`, "sh"], {
      cwd,
      input,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: "/root", LC_ALL: "C", TZ: "UTC" },
    });
    return { code: status, out: stdout, err: stderr };
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

const fragments: Readonly<Record<string, readonly (string | readonly [script: string, input: string])[]>> = {
  "reading lines": [
    [`while IFS= read -r line; do echo "[$line]"; done`, "a\n  b  \n\\c\\\n\nlast"],
    [`while IFS= read -r line || [ -n "$line" ]; do echo "[$line]"; done`, "a\nlast without end"],
    [`while read -r a b; do echo "$a|$b"; done`, "one two three\n  x   y  \n\nz\n"],
    [`while IFS=: read -r a b c; do echo "$a|$b|$c"; done`, "r:x:0\n:y:\na::b:c:d\n a : b \n"],
    [`read a b; echo "$a-$b"; cat`, "one two\nthree\nfour\n"],
    [`read -r x; read -r y; echo $?:"$x":"$y"; read -r z; echo $?`, "a\nb\n"],
    `printf 'a\\nb\\n' > f; n=0; while IFS= read -r l; do n=$((n + 1)); done < f; echo $n`,
    `printf 'a\\nb\\n' > f; while IFS= read -r l <&3; do echo "$l"; done 3< f`,
    `n=0; printf 'a\\nb\\n' | while read -r l; do n=$((n + 1)); done; echo $n`,
    [`sed -n 2p; echo done`, "a\nb\nc\n"],
  ],
  functions: [
    `f() { echo "$1 $#"; return 3; }; f a b; echo $?`,
    `f() { local x=1; x=2; echo $x; }; x=0; f; echo $x`,
    `fail() { echo "$*" >&2; exit 4; }; fail something is wrong; echo never`,
    `f() ( exit 5; ); f; echo $?`,
    `f() { cat <<END\nhello $1\nEND\n}; f you`,
    `put() { cat > "$1"; }; echo text | put file; cat file`,
    `f() { set -- x y; echo $#; }; set -- 1; f; echo $#`,
    `f() { return; }; false; f; echo $?`,
    `f() { if [ "$1" -gt 0 ]; then echo "$1"; f $(($1 - 1)); fi; }; f 3`,
  ],
  "set -eu": [
    `set -eu; false; echo on`,
    `set -eu; false || echo caught; ! true; echo on`,
    `set -eu; if false; then :; fi; false && true; echo on`,
    `set -eu; f() { false; echo in; }; if f; then echo yes; fi; f; echo on`,
    `set -eu; x=$(false); echo on`,
    `set -eu; local_() { local x=$(false); echo in; }; local_; echo on`,
    `set -eu; echo "$(false; echo sub)"; echo on`,
    `set -eu; (exit 3); echo on`,
    `set -eu; (exit 3) || echo "code $?"; echo on`,
    `set -eu; s=0; (exit 3) || s=$?; echo "$s $?"; x=$(exit 4) || s=$?; echo "$s"; false || x=y; echo $?`,
    `set -eu; { false; echo in; } || true; echo on`,
    `set -eu; echo $undefined; echo on`,
    `set -eu; echo "\${undefined:-d}" "\${undefined-}"; echo on`,
    `set -u; f() { echo "$1"; }; f; echo on`,
    `set -e; while false; do :; done; until true; do :; done; echo on`,
    `set -e; false | true; echo on; true | false; echo never`,
    `set -e; x=\`exit 7\`; echo never`,
    `set -e; case a in a) false ;; esac; echo never`,
    `set -e; for i in 1 2; do [ $i = 2 ]; done; echo never`,
    `set -e; [ -e none ] && echo no; echo on`,
    `set -e; sh -c 'exit 9'; echo never`,
    `set -e; nosuchcommand 2> /dev/null || echo "code $?"`,
    `set -e; cd nowhere 2> /dev/null; echo never`,
    `set -e; cat none > out 2> err; echo never`,
    `set -e; . ./none 2> /dev/null; echo never`,
  ],
  traps: [
    `trap 'echo bye' EXIT; echo hi`,
    `set -e; trap 'echo "bye $?"' EXIT; false`,
    `trap 'rm -rf "$d"; echo gone' EXIT; d=$(mktemp -d ./x.XXXXXX); [ -d "$d" ] && exit 3`,
    `trap 'echo one' EXIT; trap - EXIT; echo hi`,
    `trap 'exit 7' EXIT; exit 3`,
    `(trap 'echo inner' EXIT; echo sub); echo after`,
    `x=$(trap 'echo t' EXIT; echo s); echo "$x"`,
    `f() { trap 'echo f' EXIT; }; f; echo on`,
    `set -eu; trap 'echo "status $?"' EXIT; echo $undefined`,
    `trap 'echo sig' INT TERM; echo on`,
  ],
  expansion: [
    `x=/etc/app/conf.d/a.yml; echo "\${x##*/} \${x%/*} \${x#/*/} \${x%%.*} \${x%.yml}"`,
    `x=a:b:c; echo "\${x%%:*}" "\${x#*:}" "\${x##*:}" "\${x%:*}"`,
    `x='a*b'; echo "\${x%\\**}" "\${x#a'*'}" "\${x%"*b"}"`,
    `x='  sp  '; echo "[\${x#"\${x%%[! ]*}"}]"`,
    `p='a?'; x=abc; echo "\${x#$p}" "\${x#"$p"}"`,
    `x=; echo "[\${x:-a b}]" "[\${x-c}]" "[\${x:+d}]" "[\${x+e}]"`,
    `echo "\${x:=y}" "$x" "\${#x}"`,
    `echo "\${x:?is not set}"; echo never`,
    `set -- a 'b c' ''; for i; do echo "[$i]"; done; echo "$*" "$#"; IFS=,; echo "$*"`,
    `set -- a b; echo "\${1}\${2}" "\${3:-none}" "\${10:-ten}"; shift; echo $1 $#`,
    `x='a b'; set -- $x; echo $#; set -- "$x"; echo $#`,
    `x="a
b"; echo $x; echo "$x"`,
    `echo $((5 / 2)) $((-7 % 3)) $((1 << 4)) $((0x1f)) $((010)) $(( (1 + 2) * 3 )) $((3 > 2)) $((!0))`,
    `x=5; x=$((x + 1)); : $((x += 2)); echo $x $((x == 8 ? 1 : 0))`,
    `echo a\\ b 'c"d' "e'f" "g\\"h" "\\$x" '\\n' "\\\\"`,
    `printf '%s\\n' "$(printf 'a\\n\\n')" end`,
    `printf '%s:%d:%5s:%-5s|%03d|%x|%%|%c\\n' a 5 r l 7 255 z; printf '%s,' a b c; echo; printf '%b' 'x\\ty\\n'`,
    `touch a.yml b.yml .hidden; mkdir d; echo *; echo *.yml; echo *.none; echo [ab].yml; echo "*"; echo d/*`,
    `echo "\${HOME}/x" ~/x "~"`,
    `x=1 y=$x; echo "[$y]"; a=b env | grep ^a=`,
    `echo "$(echo "a  b" | sed "s/a/\\"x\\"/")"`,
    `x='*'; echo "$x"; y=$x; echo "$y"`,
    `echo "\${x-'q'}" \${x-'q r'} "\${x-"a b"}"`,
  ],
  "here-documents": [
    `x=1; cat <<END\n$x \${x} $(echo sub) \\$x \`echo b\` "q"\nEND`,
    `cat <<'END'\n$x \\n \`b\`\nEND`,
    `cat <<-END\n\ta\n\t\tb\n\tEND\necho on`,
    `cat <<A; cat <<B\none\nA\ntwo\nB`,
    `cat <<END > f\ntext\nEND\ncat f`,
    `cat <<'END' | tr a-z A-Z\nx\nEND`,
    `sh -s a b <<'END'\necho "$1 $2 $#"\nread -r line\nthis is read\necho "[$line]"\nEND`,
    `while read -r a; do echo "<$a>"; done <<END\n1\n2\nEND`,
    `x=$(cat <<END\nin\nEND\n); echo "$x"`,
  ],
  commands: [
    `case /etc/x.yml in *.yaml | *.yml) echo yaml ;; *) echo other ;; esac; case x in y) echo y ;; esac; echo $?`,
    `case "$(echo 2.53.3+ds1-2)" in 2.53.3*) ;; *) exit 1 ;; esac; echo same`,
    `case "a b" in "a b") echo quoted ;; esac; case '*' in '*') echo star ;; esac; case - in [a-z]) echo l ;; [!a-z]) echo n ;; esac`,
    `if ! grep -q x none 2> /dev/null; then echo missing; fi`,
    `{ echo out; echo err >&2; } > f 2>&1; cat f`,
    `echo a > f; echo b >> f; cat < f; : > f; wc -c < f`,
    `exec 3> f; echo three >&3; exec 3>&-; cat f`,
    `exec > f; echo hidden; cat f >&2`,
    `exec 2>&1; echo err >&2; cat none`,
    `x=$(echo err 2>&1 >&2); echo "[$x]"`,
    `echo a | { read -r x; echo "got $x"; }`,
    `sh -c 'echo "$0 $1 $#"' name arg; echo 'echo "$1"; exit 6' > s; sh s x; echo $?`,
    `command -v sh > /dev/null && echo yes; command -v nosuch; echo $?; command echo c`,
    `for i in 1 2 3; do [ $i = 2 ] && continue; [ $i = 3 ] && break; echo $i; done; echo $?`,
    `eval 'x=1; echo $x'; y='echo a | cat'; eval "$y"`,
    `(cd /; x=2); echo "\${x:-unset}"; [ "$(cd / && pwd)" = / ] && echo root`,
    `test -n a -a -z '' && echo both; [ 1 -lt 2 ] && [ a != b ] && [ ! -e none ] && echo all; [ '' ] || echo empty`,
    `umask 077; echo x > f; mkdir d; stat -c %a f d; umask`,
    `exit 300`,
    `false; exit`,
    `echo unterminated "`,
    `if true; then echo x`,
    `nosuchcommand; echo $?`,
    `mkdir d; ./d; echo $?; echo x > f; ./f; echo $?`,
    `set -- $(echo a b); echo $#; unset x; readonly r=1; echo $r`,
    `set -x; echo traced; x=1`,
    `true && (false || exit 2); echo $?`,
    `! false; echo $?; ! true; echo $?`,
    `a=1; b=2; if [ "$a" = 1 ] && { [ "$b" = 3 ] || [ "$b" = 2 ]; }; then echo y; fi`,
    `IFS='
'; for l in $(printf 'a b\\nc\\n'); do echo "[$l]"; done`,
    `wait; times > /dev/null; echo $?`,
  ],
  files: [
    `echo a > a; echo a > b; echo c > c; cmp -s a b; echo $?; cmp -s a c; echo $?; cmp -s a none; echo $?; cmp a c; echo $?`,
    `printf 'a\\n' > a; printf 'a\\nb\\n' > b; cmp a b; echo $?; cmp a none; echo $?`,
    `mkdir -p -m 0750 d/e; stat -c %a d/e; mkdir d; echo $?; mkdir x/y; echo $?`,
    `echo x > a; chmod 0640 a; cp -p a b; cp a c; stat -c '%a %s' b c; mv -f b d; ls; rm -rf none d; echo $?`,
    `echo x > a; install -m 0600 a b; install -D -m 0644 a x/y/z; install -d -m 0700 e; stat -c '%n %a %s %F' b x/y/z e`,
    `echo x > a; ln -s a l; readlink l; cat l; stat -c %F l; [ -L l ] && echo link; rm l; cat a; ln -sfn b l; readlink l`,
    `d=$(mktemp -d); [ -d "$d" ] && stat -c %a "$d"; f=$(mktemp); stat -c %a "$f"; rm -r "$d" "$f"; mktemp -d ./t.XXXX | wc -c`,
    `mkdir -p t/a t/b; echo x > t/a/f; (cd t && find . -type f -print); find t | sort; find t -name 'f*' -type f`,
    `mkdir -p s/etc/app; echo x > s/etc/app/c; cd s; find etc -type f | while IFS= read -r p; do echo "/$p"; done`,
    `printf 'hello' > f; sha256sum f; sha256sum < f; sha256sum f > sums; sha256sum -c sums; sha256sum -c --quiet sums; echo x >> f; sha256sum -c sums; echo $?`,
    `printf 'hello\\n' | base64; printf 'aGVsbG8K' | base64 -d; echo a | base64 -w 0`,
    `rm none; echo $?; rm -f none; echo $?; mkdir d; rm d; echo $?; rmdir d; echo $?; mv none x; echo $?; cp none x; echo $?`,
    `cat none; echo $?; chmod 600 none; echo $?; stat none; echo $?; touch no/x; echo $?; ls none || echo no`,
    `mkdir a b; echo 1 > a/f; cp -r a b; cat b/a/f; cp -a a c; ls c; mv a/f b; ls b; cp a x; echo $?`,
    `echo x > a; mv a b; mv b c; cat c; basename /x/y.z .z; dirname /x/y`,
    `echo x > a; tee b < a; cat b; echo y | tee -a b > /dev/null; cat b; test a -nt none && echo newer; [ -s a ] && echo full`,
    `mkdir d; touch d/b d/a d/.h; ls d; ls -A d; ls -1 d; ls d/none 2> /dev/null || echo "code $?"; ls -d d`,
    `printf x > f; [ -r f ] && [ -w f ] && [ ! -x f ] && chmod +x f && [ -x f ] && stat -c %A f; chmod u=rw,go= f; stat -c %a f`,
    `mkdir -p src/x; echo 1 > src/x/f; echo 2 > src/g; tar -cf t.tar -C src .; mkdir out; tar -xf t.tar -C out; find out -type f | sort; cat out/x/f`,
    `mkdir src; echo 1 > src/f; chmod 750 src/f; tar -czf t.tgz -C src f; tar -tzf t.tgz; mkdir o; tar -xzf t.tgz -C o; stat -c '%a %s' o/f; tar -xf none.tar; echo $?`,
    `mkdir -p s/dir-1/bin; echo p > s/dir-1/bin/p; tar -czf t.tgz -C s dir-1; tar -xzf t.tgz --strip-components=1; cat bin/p; tar -xzf t.tgz dir-1/bin/p -O`,
  ],
  text: [
    `printf 'a\\nb\\nc\\nd\\n' > f; head -n 2 f; tail -n 1 f; tail -n +3 f; head -c 3 f; sed -n '2,3p' f; head -n -1 f; tail -c 2 f`,
    `printf 'x:1\\ny:2\\n' | cut -d: -f2; printf 'abc\\n' | cut -c1-2; printf 'a b c\\n' | cut -d' ' -f1,3; printf 'a-b-c\\n' | cut -d- -f2-`,
    `printf 'b\\na\\nb\\n' | sort; printf 'b\\na\\nb\\n' | sort -u; printf '10\\n9\\n' | sort -n; printf 'b 1\\na 2\\n' | sort -k2; printf 'a\\na\\nb\\n' | uniq -c; printf '1.10\\n1.9\\n' | sort -V`,
    `echo hello | tr a-z A-Z; echo a-b | tr - _; echo 'a  b' | tr -s ' '; printf 'a\\nb\\n' | tr '\\n' ' '; echo; echo abc123 | tr -d '0-9'; echo 'a/b' | tr / -; echo xyz | tr -dc 'xz\\n'`,
    `printf 'a b\\nc\\n' | wc -l; printf 'a b\\nc\\n' | wc -w; printf 'abc' | wc -c; printf 'a\\n' > f; wc -l f`,
    `echo foo=bar | sed 's/=.*//'; echo a.b | sed 's/\\./-/g'; echo abc | sed -e s/a/1/ -e s/c/3/; printf 'a\\n#b\\n' | sed '/^#/d'; echo 'k: v' | sed -n 's/^k: *//p'; echo ab | sed 's/\\(a\\)\\(b\\)/\\2\\1/'; echo ab | sed -E 's/(a)(b)/\\2&/'`,
    `printf 'a=1\\nb=2\\n' > f; sed -i 's/^b=.*/b=3/' f; cat f; sed -i -e '$a c=4' f; cat f; sed '1i top' f; sed '2q' f; sed 's|a|/x/|' f`,
    `printf 'one\\ntwo\\nThree\\n' > f; grep t f; grep -c t f; grep -i T f; grep -v t f; grep -n o f; grep -q zzz f; echo $?; grep -E '^(one|two)$' f; grep -F . f; echo $?; grep -o 'w.' f; grep -x one f; grep -l one f; grep none none; echo $?`,
    `printf 'fpr:::::::::ABC:\\n' | grep -q '^fpr:::::::::ABC:' && echo found; echo a.b | grep -qF a.b && echo fixed; echo '$x' | grep '\\$x'; echo a | grep -e b -e a`,
    `printf 'a b\\n' | xargs echo; printf '1\\n2\\n' | xargs -n 1 echo n; printf 'x y' | xargs -I{} echo '[{}]'; printf '' | xargs -r echo no`,
    `seq 3; seq 2 4; seq 1 2 5`,
    `[ "$(date +%s)" -gt 1600000000 ] && echo now; date +%Y | wc -c`,
    `id -u > /dev/null; echo $?; true; : ; sleep 0; basename "$(pwd)" > /dev/null; env -i A=1 sh -c 'echo $A'; printenv HOME`,
    `timeout 5 sh -c 'echo ok; exit 3'; echo $?; nice true; echo $?; nohup true < /dev/null > /dev/null 2>&1; echo $?; flock f echo locked`,
  ],
};

describe.skipIf(dash === undefined)("the shell does what dash and coreutils do", () => {
  for (const [title, scripts] of Object.entries(fragments)) {
    test.for(scripts.map((entry) => (typeof entry === "string" ? ([entry, ""] as const) : entry)))(
      `${title}: %s`,
      async ([script, input], { sh }) => {
        const real = runReally(script, input);
        await sh("mkdir /root/w");
        const simulated = await sh(`cd /root/w; sh -c '${script.replaceAll("'", String.raw`'\''`)}'`, input);
        expect(`${simulated.code}: ${simulated.out}`).toBe(`${real.code}: ${real.out}`);
      },
    );
  }
});
