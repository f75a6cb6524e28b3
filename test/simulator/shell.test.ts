import { describe, expect } from "vitest";
import { test } from "./machine-test.ts";

describe("words", () => {
  test.for([
    [`echo a   b`, "a b\n"],
    [`echo 'a  $b'"c  d"\\ e`, "a  $bc  d e\n"],
    [`x="1  2"; echo $x "$x" '$x' \${x}3`, "1 2 1  2 $x 1 23\n"],
    [`x='a b'; for i in $x "$x"; do echo "[$i]"; done`, "[a]\n[b]\n[a b]\n"],
    [`set -- a "b c"; for i in "$@"; do echo "[$i]"; done; echo $#`, "[a]\n[b c]\n2\n"],
    [`f() { echo $#; }; f "$@"; f ""; set --; f "$@"; f $none`, "0\n1\n0\n0\n"],
    [`echo "a\\"b\\$c\\\\d\\e"`, 'a"b$c\\d\\e\n'],
    [`echo a\\\nb # comment`, "ab\n"],
    [`echo a#b`, "a#b\n"],
    [`echo $'a\\tb\\x41'`, "a\tbA\n"],
    [`echo ~ ~/x "~" a~`, "/root /root/x ~ a~\n"],
    [`echo a{b,c{1,2}}d {1..3} {x} {,y}`, "abd ac1d ac2d 1 2 3 {x} y\n"],
    [`IFS=:; x=a:b::c; for i in $x; do echo "[$i]"; done`, "[a]\n[b]\n[]\n[c]\n"],
    [`x=1; y=$x$x; z="$y"z; echo $z`, "11z\n"],
    [`A=1 B=2 env | grep '^[AB]=' ; echo "[$A]"`, "A=1\nB=2\n[]\n"],
  ] as const)("%j", async ([script, expected], { out }) => {
    expect(await out(script)).toBe(expected);
  });

  test("patterns become paths, sorted; without a match they stay", async ({ out }) => {
    expect(await out("mkdir g; cd g; touch b.txt a.txt .h c.md; echo *.txt *.no '*.txt' [ab].* g/../*.md")).toBe(
      "a.txt b.txt *.no *.txt a.txt b.txt g/../*.md\n",
    );
    expect(await out("cd /root; echo g/?.md /root/g/*.md")).toBe("g/c.md /root/g/c.md\n");
  });
});

describe("parameters", () => {
  test.for([
    [`echo \${x:-d} \${x-e} "\${x:-a  b}"; x=; echo "[\${x:-d}]" "[\${x-d}]"`, "d e a  b\n[d] []\n"],
    [`echo \${x:=set}; echo $x; echo \${x:+yes}\${y:+no}`, "set\nset\nyes\n"],
    [`x=abc.tar.gz; echo \${x%.*} \${x%%.*} \${x#*.} \${x##*.} \${#x}`, "abc.tar abc tar.gz gz 10\n"],
    [`x=a.b.c; echo \${x/./-} \${x//./-} \${x//./}`, "a-b.c a-b-c abc\n"],
    [`p=b; x=abc; echo \${x%"$p"*} \${x#a}`, "a bc\n"],
    [`echo $((1 + 2 * 3)) $(( (1+2)*3 )) $((7/2)) $((7%3)) $((2>1 && 1))`, "7 9 3 1 1\n"],
    [`i=5; i=$((i - 1)); echo $i $(($i * 2)) $((i == 4 ? 10 : 20))`, "4 8 10\n"],
    [`echo $(echo a; echo b) "$(echo a; echo b)" \`echo c\``, "a b a\nb c\n"],
    [`echo "$(echo "$(echo "a b")")"`, "a b\n"],
    [`false; echo $?; true; echo $?`, "1\n0\n"],
  ] as const)("%j", async ([script, expected], { out }) => {
    expect(await out(script)).toBe(expected);
  });

  test("${x:?word} ends the shell", async ({ sh }) => {
    expect(await sh("echo ${x:?is missing}; echo on")).toEqual({ code: 2, out: "", err: "sh: 1: x: is missing\n" });
  });
});

describe("commands", () => {
  test.for([
    [`true && echo a || echo b; false && echo c || echo d`, "a\nd\n"],
    [`! true || echo a; ! false && echo b`, "a\nb\n"],
    [`if [ 1 = 2 ]; then echo a; elif test -n x; then echo b; else echo c; fi`, "b\n"],
    [`if false; then echo a; else echo b; fi | cat`, "b\n"],
    [`i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i = 2 ] && continue; echo $i; done`, "1\n3\n"],
    [`until false; do echo once; break; done`, "once\n"],
    [`set -e; while read -r a; do [ "$a" = x ] || continue; done <<END\ny\nEND\necho on`, "on\n"],
    [`for a in 1 2; do for b in x y; do [ $b = y ] && continue 2; echo $a$b; done; done`, "1x\n2x\n"],
    [`case abc in x|y) echo no;; a*c) echo yes;; *) echo other;; esac`, "yes\n"],
    [`case "*" in "*") echo star ;; esac`, "star\n"],
    [`f() { local x=2; echo $x $1; return 3; }; x=1; f a; echo $? $x`, "2 a\n3 1\n"],
    [`function g { echo g; }; g`, "g\n"],
    [`(cd /etc; x=2; pwd); pwd; echo "[$x]"`, "/etc\n/root\n[]\n"],
    [`{ echo a; echo b; } | wc -l`, "2\n"],
    [`echo b a c | tr ' ' '\\n' | sort | head -n 2`, "a\nb\n"],
    [`printf '%s\\n' 1 2 3 | while read -r n; do echo "<$n>"; done`, "<1>\n<2>\n<3>\n"],
    [`echo "a b  c" | { read x y; echo "$y|$x"; }`, "b  c|a\n"],
    ["while IFS=: read -r name _ uid rest; do echo $name $uid; done <<E\nroot:x:0:0\nE", "root 0\n"],
    [`eval 'x=5; echo $x'; . /root/none 2>/dev/null || echo failed`, "5\nfailed\n"],
    [`command -v cat; command -v cd; command -v nonsense || echo none`, "/usr/bin/cat\ncd\nnone\n"],
    [`trap 'echo bye' EXIT; echo hi`, "hi\nbye\n"],
    [
      `sh -c 'echo $0 $1' name arg; echo 'echo script $1' > s.sh; sh s.sh x; chmod +x s.sh; ./s.sh y`,
      "name arg\nscript x\nscript y\n",
    ],
    [`printf '#!/bin/sh\\necho mine\\n' > /usr/local/bin/own; chmod 755 /usr/local/bin/own; own`, "mine\n"],
    [`echo 'echo from stdin $1' | bash -s arg`, "from stdin arg\n"],
  ] as const)("%j", async ([script, expected], { out }) => {
    expect(await out(script)).toBe(expected);
  });
});

describe("redirections", () => {
  test.for([
    [`echo a > f; echo b >> f; cat f; cat < f > g; cat g`, "a\nb\na\nb\n"],
    [`{ echo out; echo err >&2; } 2>&1 | sort`, "err\nout\n"],
    [`{ echo out; echo err >&2; } > f 2>&1; cat f`, "out\nerr\n"],
    [`ls /no 2>/dev/null || echo failed`, "failed\n"],
    [`ls /no &> f || cat f`, "ls: /no: No such file or directory\n"],
    [`x=1; cat <<END\na $x $(echo b) \\$x\nEND`, "a 1 b $x\n"],
    [`cat <<'END'\na $x\nEND\necho after`, "a $x\nafter\n"],
    [`cat <<-END\n\tindented\n\tEND`, "indented\n"],
    [`cat <<A; cat <<B\n1\nA\n2\nB`, "1\n2\n"],
    [`cat <<< "one line"`, "one line\n"],
    [`echo x | tee a b > /dev/null; cat a b`, "x\nx\n"],
    [`echo hidden > /dev/null; cat /dev/null`, ""],
    [`for i in 1 2; do echo $i; done > f; cat f`, "1\n2\n"],
  ] as const)("%j", async ([script, expected], { out }) => {
    expect(await out(script)).toBe(expected);
  });

  test("a file that cannot be opened fails its command alone", async ({ sh }) => {
    expect(await sh("echo a > /no/b; echo on")).toEqual({
      code: 0,
      out: "on\n",
      err: "sh: 1: /no/b: No such file or directory\n",
    });
  });
});

describe("set", () => {
  test.for([
    ["set -e; false; echo on", 1, ""],
    ["set -e; if false; then :; fi; false || true; ! true; echo on", 0, "on\n"],
    ["set -e; f() { false; echo in; }; f; echo on", 1, ""],
    ["set -e; x=$(false); echo on", 1, ""],
    ["set -e; false | true; echo on", 0, "on\n"],
    ["set -eo pipefail; false | true; echo on", 1, ""],
    ["set -u; echo $none; echo on", 1, ""],
    ["set -e; set +e; false; echo on", 0, "on\n"],
    ["set -e; (exit 3); echo on", 3, ""],
    ["bash -euo pipefail -c 'false; echo on'", 1, ""],
  ] as const)("%s", async ([script, code, expected], { sh }) => {
    expect(await sh(script)).toMatchObject({ code, out: expected });
  });
});

describe("what nobody taught", () => {
  test.for([
    ["foo --bar", 127, "sh: 1: foo: the simulator does not know this command\n"],
    ["true\n/usr/bin/foo", 127, "sh: 2: /usr/bin/foo: the simulator does not know this command\n"],
    ["./missing.sh", 127, "sh: 1: ./missing.sh: not found\n"],
    ["touch x; ./x", 126, "sh: 1: ./x: Permission denied\n"],
    [
      "printf '#!/usr/bin/python3\\n' > x; chmod +x x; ./x",
      126,
      "sh: 1: ./x: the simulator does not run scripts of python3\n",
    ],
    ["[[ a && b ]]", 2, "[[: missing ]]\n"],
    ["ls -Z", 2, "ls: the simulator does not know the option '-Z' of this command\n"],
    ["sleep 1 &", 2, "sh: 1: the simulator does not run commands in the background\n"],
    ["if true; then echo", 2, "sh: 1: Syntax error: end of file unexpected\n"],
    ["echo 'open", 2, "sh: 1: Syntax error: Unterminated quoted string\n"],
    ["echo a; )", 2, 'sh: 1: Syntax error: ")" unexpected\n'],
    ["pct frobnicate 1", 255, "pct: the simulator does not know this command: pct frobnicate 1\n"],
  ] as const)("%j fails loudly", async ([script, code, err], { sh }) => {
    expect(await sh(script)).toMatchObject({ code, err });
  });
});

describe("programs", () => {
  test.for([
    [
      `printf 'b\\na\\nb\\n' | sort -u; printf '10\\n9\\n' | sort -n; printf 'a\\na\\n' | uniq -c`,
      "a\nb\n9\n10\n      2 a\n",
    ],
    [
      `printf '1\\n2\\n3\\n' | tail -n 2; printf '1\\n2\\n3\\n' | tail -n +2 | head -1; printf abc | head -c 2`,
      "2\n3\n2\nab",
    ],
    [`echo a:b:c | cut -d: -f1,3; echo abc | cut -c2-; echo x | cut -d : -f 2`, "a:c\nbc\nx\n"],
    [
      `printf 'one\\ntwo\\n' | grep -n o; echo Aa | grep -ci a; echo x | grep -q y || echo none`,
      "1:one\n2:two\n1\nnone\n",
    ],
    [
      `printf 'a1\\nb\\n' | grep -E '^[a-z][0-9]+$'; printf 'a+\\n' | grep 'a+'; echo aab | grep -o 'a*'`,
      "a1\na+\naa\n",
    ],
    [
      `printf 'x=1\\ny=2\\n' | sed 's/=/: /'; echo aXbX | sed 's/X/-/g'; echo ab | sed -E 's/(a)(b)/\\2\\1/'`,
      "x: 1\ny: 2\na-b-\nba\n",
    ],
    [
      `printf '1\\n2\\n3\\n' | sed -n '2p'; printf '1\\n2\\n3\\n' | sed '/2/d'; printf 'a\\nb\\n' | sed '$a c'`,
      "2\n1\n3\na\nb\nc\n",
    ],
    [`printf '#Port 22\\n' > c; sed -i 's|^#\\?Port .*|Port 2222|' c; cat c`, "Port 2222\n"],
    [`printf '%s-%03d %5s|%-3s|\\n' a 7 x y; printf '%s ' 1 2; printf 'x\\n'`, "a-007     x|y  |\n1 2 x\n"],
    [`echo abc | tr a-c A-C; echo aabb | tr -s a; echo a1b2 | tr -d '[:digit:]'`, "ABC\nabb\nab\n"],
    [
      `echo hi | base64; echo aGkK | base64 -d; printf abc | sha256sum | cut -c1-8; printf abc | md5sum`,
      "aGkK\nhi\nba7816bf\n900150983cd24fb0d6963f7d28e17f72  -\n",
    ],
    [`echo a > f; sha256sum f > s; sha256sum -c s; echo b > f; sha256sum -c --status s || echo bad`, "f: OK\nbad\n"],
    [
      `echo 1 2 3 | xargs -n 1 echo n; printf 'a b\\nc\\n' | xargs -I{} echo '<{}>'; printf '' | xargs -r echo none`,
      "n 1\nn 2\nn 3\n<a b>\n<c>\n",
    ],
    [`printf 'a b\\nc' | wc; printf 'a\\nb\\n' | wc -l; echo abc > w; wc -c w`, "      1       3       5\n2\n4 w\n"],
    [
      `mkdir -p a/b; echo 1 > a/b/f; cp -r a c; mv c/b/f c/g; find c -type f; find . -name 'f' -path '*b*'; rm -r a c; ls`,
      "c/g\n./a/b/f\n",
    ],
    [
      `touch f; chmod 640 f; stat -c '%a %U:%G %s %n' f; chmod u+x,go-r f; stat -c %A f; chown www-data:root f; stat -c %U f; chown backup: f; stat -c %U:%G f`,
      "640 root:root 0 f\n-rwx------\nwww-data\nbackup:backup\n",
    ],
    [
      `echo data | install -D -m 600 /dev/stdin /opt/app/c.conf; stat -c '%a' /opt/app/c.conf; install -d -m 750 /opt/d; stat -c %a /opt/d`,
      "600\n750\n",
    ],
    [
      `ln -s /etc/hosts h; readlink h; readlink -f h; [ -L h ] && echo link; ln -sfn /etc/hostname h; cat h`,
      "/etc/hosts\n/etc/hosts\nlink\npve-01\n",
    ],
    [`x=abc; [[ $x == a* ]] && [[ -n $x ]] && [[ $x != b* ]] && echo yes; [[ $x = "b" ]] || echo no`, "yes\nno\n"],
    [`t=$(mktemp); d=$(mktemp -d); [ -f $t ] && [ -d $d ] && stat -c %a $t $d`, "600\n700\n"],
    [`[ -e /etc ] && [ ! -e /no ] && [ 2 -gt 1 -a a != b ] && test "" = "" && echo ok`, "ok\n"],
    [
      `useradd -r -m -d /srv/x -s /bin/false svc; id svc; getent passwd svc; id -u; id -un`,
      "uid=999(svc) gid=999(svc) groups=999(svc)\nsvc:x:999:999::/srv/x:/bin/false\n0\nroot\n",
    ],
    [`groupadd -r docker; usermod -aG docker root; id -Gn`, "root docker\n"],
    [
      `hostname; uname -n; date +%Y >/dev/null; basename /a/b.c .c; dirname /a/b/c; env -i X=1 env`,
      "pve-01\npve-01\nb\n/a/b\nX=1\nPWD=/root\n",
    ],
  ] as const)("%j", async ([script, expected], { out }) => {
    expect(await out(script)).toBe(expected);
  });

  test.for([
    ["cat /no", 1, "cat: /no: No such file or directory\n"],
    ["cat /etc", 1, "cat: /etc: Is a directory\n"],
    ["mkdir /no/x", 1, "mkdir: /no/x: No such file or directory\n"],
    ["rm /no", 1, "rm: /no: No such file or directory\n"],
    ["rm /etc", 1, "rm: /etc: Is a directory\n"],
    ["rm -f /no", 0, ""],
    ["rmdir /etc", 1, "rmdir: /etc: Directory not empty\n"],
    ["cp /etc /tmp/x", 1, "cp: -r not specified; omitting directory '/etc'\n"],
    ["cp /etc/hosts", 1, "cp: missing operand\n"],
    ["chown nobodyknows /etc/hosts", 1, "chown: invalid user: 'nobodyknows'\n"],
    ["chown nobodyknows: /etc/hosts", 1, "chown: invalid spec: 'nobodyknows:'\n"],
    ["id nobodyknows", 1, "id: 'nobodyknows': no such user\n"],
    ["[ 1 -eq x ]", 2, "[: Illegal number: x\n"],
    ["cd /no", 1, "cd: /no: No such file or directory\n"],
  ] as const)("%s fails as it does on Linux", async ([script, code, err], { sh }) => {
    expect(await sh(script)).toMatchObject({ code, err });
  });
});
