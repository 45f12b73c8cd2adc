#!/usr/bin/env bash
# Proves that each build rule bites: plants one violation at a time in a copy of HEAD and expects the rule's message.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copy=$work/copy
log=$work/log
bound=600
toothless=0

fresh_copy() {
  rm -rf "$copy"
  mkdir "$copy"
  git -C "$root" archive HEAD | tar -x -C "$copy"
}

build() { # modules, phase
  (cd "$copy" && timeout "$bound" ./mvnw --batch-mode -pl "$1" -am "$2") >"$log" 2>&1 </dev/null
}

# Builds what was planted in the copy, and starts over with a fresh one.
expect() { # rule, modules, phase, message
  if build "$2" "$3"; then
    echo "PASSED UNNOTICED: $1"
    toothless=1
  elif grep -qF -- "$4" "$log"; then
    echo "bites: $1"
  else
    echo "FAILED FOR ANOTHER REASON: $1 (expected: $4)"
    grep -F '[ERROR]' "$log" | head -5
    toothless=1
  fi
  fresh_copy
}

java_file() { # module, package, class, and the body on standard input
  local directory=$copy/$1/src/main/java/${2//.//}
  mkdir -p "$directory"
  { printf 'package %s;\n\n' "$2"; cat; } >"$directory/$3.java"
}

null_marked() { # module, package
  local directory=$copy/$1/src/main/java/${2//.//}
  mkdir -p "$directory"
  printf '@org.jspecify.annotations.NullMarked\npackage %s;\n' "$2" >"$directory/package-info.java"
}

# Puts the text before the last closing tag, so that a module must have that element.
into_pom() { # module, element, text
  awk -v close_tag="</$2>" -v text="$3" '
    { line[NR] = $0; if (index($0, close_tag)) last = NR }
    END {
      if (!last) exit 1
      for (i = 1; i <= NR; i++) { if (i == last) print text; print line[i] }
    }' "$copy/$1/pom.xml" >"$work/pom.xml"
  mv "$work/pom.xml" "$copy/$1/pom.xml"
}

returns_null() { # class
  printf 'final class %s {\n\n\tprivate %s() {\n\t}\n\n\tstatic String name() {\n\t\treturn null;\n\t}\n\n}\n' "$1" "$1"
}

fresh_copy
if ! build core/lease,core/lock,autoconfigure,test-support compile; then
  echo "The build fails with nothing planted:"
  grep -F '[ERROR]' "$log" | head -20
  exit 1
fi
fresh_copy

java_file core/lease io.concord.lease Planted <<'JAVA'
import java.util.ArrayList;
import java.util.List;

final class Planted {

	private Planted() {
	}

	static List<String> names() {
		return new ArrayList();
	}

}
JAVA
expect "compiler: a raw type" core/lease compile 'found raw type'

java_file core/lease io.concord.lease Planted <<'JAVA'
import java.util.ArrayList;
import java.util.List;

final class Planted {

	private Planted() {
	}

	@SuppressWarnings("rawtypes")
	static List<String> names() {
		return new ArrayList();
	}

}
JAVA
expect "compiler: an unchecked conversion" core/lease compile 'unchecked conversion'

java_file core/lease io.concord.lease Planted <<'JAVA'
final class Planted {
    private Planted() { }
}
JAVA
expect "formatter: spaces and a cramped body" core/lease validate 'Formatting violations found'

returns_null Planted | java_file core/lease io.concord.lease Planted
expect "NullAway: null returned in core/lease" core/lease compile '[NullAway]'

if ! grep -q 'combine.children="append"' "$copy/autoconfigure/pom.xml"; then
  echo "autoconfigure appends no annotation processor: one is planted"
  sed -i 's|</project>|<dependencies><dependency>\
  <groupId>org.jspecify</groupId><artifactId>jspecify</artifactId>\
</dependency></dependencies>\
<build><plugins><plugin>\
  <artifactId>maven-compiler-plugin</artifactId>\
  <configuration><annotationProcessorPaths combine.children="append"><path>\
    <groupId>org.springframework.boot</groupId>\
    <artifactId>spring-boot-configuration-processor</artifactId>\
    <version>${spring-boot.version}</version>\
  </path></annotationProcessorPaths></configuration>\
</plugin></plugins></build>\
</project>|' "$copy/autoconfigure/pom.xml"
fi
null_marked autoconfigure io.concord.autoconfigure.planted
returns_null Planted | java_file autoconfigure io.concord.autoconfigure.planted Planted
expect "NullAway: null returned in autoconfigure, which has a processor of its own" autoconfigure compile '[NullAway]'

into_pom core/lock dependencies '<dependency>
  <groupId>org.springframework.boot</groupId>
  <artifactId>spring-boot</artifactId>
</dependency>'
expect "enforcer: Spring Boot in core/lock" core/lock validate 'core/* must work without Spring Boot'

into_pom integration-tests dependencies '<dependency>
  <groupId>com.github.docker-java</groupId>
  <artifactId>docker-java-api</artifactId>
  <version>3.4.2</version>
  <scope>test</scope>
</dependency>'
expect "enforcer: two versions of one library" integration-tests validate 'Dependency convergence error'

sed -i 's|</project>|<build><plugins><plugin>\
  <groupId>org.codehaus.mojo</groupId>\
  <artifactId>build-helper-maven-plugin</artifactId>\
</plugin></plugins></build>\
</project>|' "$copy/core/lock/pom.xml"
expect "enforcer: a plugin without a version" core/lock validate 'missing valid versions'

into_pom core/lock dependencies '<dependency>
  <groupId>org.slf4j</groupId>
  <artifactId>slf4j-api</artifactId>
</dependency>'
expect "enforcer: a dependency that a pom names twice" core/lock validate 'duplicate dependency declaration'

exit "$toothless"
