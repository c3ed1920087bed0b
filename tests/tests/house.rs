//! The rules of the house that no compiler and no linter knows: who may import whom, how long a
//! file may be, that nothing is switched off, left for later or bound to one machine, and that
//! every crate says what it never does.
//!
//! Each rule is a function from what it looks at to its complaints. One test holds the workspace
//! to it, another shows that it does complain about a bad sample.

// Cargo builds this file for tests only; the line tells clippy that its helpers are test code too.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

// ---- who may import whom -----------------------------------------------------------------------

/// The dependency law: a crate, and the crates of ours that it may import.
const LAW: &[(&str, &[&str])] = &[
    ("provisioning-core", &[]),
    ("rules", &["provisioning-core"]),
    ("transport", &[]),
    ("entra-graph", &["transport"]),
    ("target-entra", &["entra-graph", "provisioning-core"]),
    ("target-ad", &["provisioning-core"]),
    ("source-afas", &["provisioning-core", "transport"]),
    ("source-topdesk", &["provisioning-core", "transport"]),
    ("store-sql", &["provisioning-core"]),
    ("simulators", &[]),
];

/// They may import every crate of the law, and nothing imports them.
const ON_TOP: &[&str] = &["examples", "tests"];

/// Beside what the law allows, tests may import this one.
const ONLY_FOR_TESTS: &str = "simulators";

/// A crate of ours and the feature of it that is for tests only.
const FEATURE_FOR_TESTS: (&str, &str) = ("provisioning-core", "testing");

/// What in the answer of `cargo metadata --no-deps` is against the law.
fn beyond_the_law(metadata: &Value) -> Vec<String> {
    let packages = list(metadata, "packages");
    let ours: Vec<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let mut complaints = Vec::new();
    for package in packages {
        let name = text(package, "name");
        if !ON_TOP.contains(&name) && lawful(name).is_none() {
            complaints.push(format!(
                "`{name}` is a new crate: say in its commit why it has to be one, and add it to \
                 the table in ARCHITECTURE.md and to LAW in this test"
            ));
            continue;
        }
        for dependency in list(package, "dependencies") {
            if ours.contains(&text(dependency, "name")) {
                complaints.extend(unlawful(name, dependency));
            }
        }
    }
    complaints
}

fn lawful(name: &str) -> Option<&'static [&'static str]> {
    LAW.iter().find(|(of, _)| *of == name).map(|(_, imports)| *imports)
}

/// Why `importer` may not have this dependency, an entry of `cargo metadata`.
fn unlawful(importer: &str, dependency: &Value) -> Option<String> {
    let name = text(dependency, "name");
    // Normal dependencies have no kind.
    let kind = dependency.get("kind").and_then(Value::as_str).unwrap_or("normal");
    if ON_TOP.contains(&name) {
        return Some(format!("`{importer}` imports `{name}`, which nothing may import ({kind})"));
    }
    if ON_TOP.contains(&importer) {
        return None;
    }
    let features = list(dependency, "features");
    let (crate_for_tests, feature) = FEATURE_FOR_TESTS;
    if kind != "dev" && name == crate_for_tests && features.iter().any(|f| f == feature) {
        return Some(format!(
            "`{importer}` switches on `{feature}` of `{name}` outside its tests ({kind}): that \
             belongs under [dev-dependencies]"
        ));
    }
    let allowed = lawful(importer).unwrap_or_default();
    let for_tests = kind == "dev" && (name == ONLY_FOR_TESTS || name == importer);
    if allowed.contains(&name) || for_tests {
        return None;
    }
    Some(format!(
        "`{importer}` imports `{name}` ({kind}); of our crates it may import {}",
        if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") }
    ))
}

#[test]
fn crates_import_only_what_the_law_allows() {
    assert_none(beyond_the_law(&metadata()));
}

#[test]
fn an_import_beyond_the_law_is_found() {
    let check = |importer: &str, name: &str, kind: Value, features: &[&str]| {
        let dependency = json!({"name": name, "kind": kind, "features": features});
        let none: [Value; 0] = [];
        beyond_the_law(&json!({"packages": [
            {"name": importer, "dependencies": [dependency]},
            {"name": name, "dependencies": none},
        ]}))
        .len()
    };
    // (who, whom, kind, features, complaints)
    let cases: &[(&str, &str, Value, &[&str], usize)] = &[
        ("rules", "provisioning-core", Value::Null, &[], 0),
        ("rules", "transport", Value::Null, &[], 1),
        ("rules", "transport", json!("build"), &[], 1),
        ("rules", "transport", json!("dev"), &[], 1),
        ("provisioning-core", "rules", json!("dev"), &[], 1),
        ("provisioning-core", "simulators", Value::Null, &[], 1),
        ("provisioning-core", "simulators", json!("dev"), &[], 0),
        ("simulators", "transport", json!("dev"), &[], 1),
        ("rules", "provisioning-core", Value::Null, &["testing"], 1),
        ("rules", "provisioning-core", json!("dev"), &["testing"], 0),
        ("examples", "provisioning-core", Value::Null, &["testing"], 0),
        ("tests", "simulators", Value::Null, &[], 0),
        ("tests", "examples", json!("dev"), &[], 1),
        ("target-ad", "tests", json!("dev"), &[], 1),
        ("rules", "extras", Value::Null, &[], 2),
    ];
    for (who, whom, kind, features, expected) in cases {
        assert_eq!(check(who, whom, kind.clone(), features), *expected, "{who} -> {whom} ({kind}) with {features:?}");
    }
}

// ---- what stands in the files ------------------------------------------------------------------

/// One text file of the workspace.
struct File {
    /// From the root of the workspace, with `/`.
    path: String,
    text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|e| e == extension)
    }

    /// A complaint for each line that `is_bad`, with its place.
    fn lines_that(&self, is_bad: impl Fn(&str) -> bool, complaint: &str) -> Vec<String> {
        (1..)
            .zip(self.text.lines())
            .filter(|(_, line)| is_bad(line))
            .map(|(number, line)| format!("{}:{number}: {complaint}: {}", self.path, line.trim()))
            .collect()
    }
}

/// A file that nobody reads in one go.
fn too_long(file: &File) -> Vec<String> {
    const MOST: usize = 600;
    let lines = file.text.lines().count();
    if !file.is("rs") || lines <= MOST {
        return Vec::new();
    }
    vec![format!("{} has {lines} lines, more than {MOST}: split it by meaning", file.path)]
}

/// A test or an example that does not run.
fn switched_off(file: &File) -> Vec<String> {
    if !file.is("rs") && !file.is("md") {
        return Vec::new();
    }
    let mut complaints = file.lines_that(
        is_ignored_example,
        "an example that is never built goes stale; let it run, or `no_run` for the network",
    );
    complaints.extend(file.lines_that(
        is_ignored_test,
        "a test that does not run proves nothing; let it take fewer cases when QUICK is set",
    ));
    complaints
}

fn is_ignored_example(line: &str) -> bool {
    let line = line.trim_start();
    let line = ["///", "//!"].iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    let info = ["```", "~~~"].iter().find_map(|fence| line.trim_start().strip_prefix(fence));
    info.is_some_and(|info| words(info).any(|word| word == "ignore"))
}

fn is_ignored_test(line: &str) -> bool {
    line.contains(concat!("#[", "ignore"))
        || (line.contains(concat!("#[", "cfg_attr")) && words(line).any(|word| word == "ignore"))
}

/// Files that may silence a lint whether or not it would speak: what suites share is used by each of them in part.
const SILENT: &[&str] = &["tests/tests/support/mod.rs"];

/// A lint that is silenced in a way that stays when its reason is gone.
fn silenced(file: &File) -> Vec<String> {
    const MARKS: [&str; 2] = [concat!("#[", "allow("), concat!("#![", "allow(")];
    if !file.is("rs") || SILENT.contains(&file.path.as_str()) {
        return Vec::new();
    }
    file.lines_that(
        |line| MARKS.iter().any(|mark| line.contains(mark)),
        "write `expect`, which complains once it is not needed any more",
    )
}

/// A mark that something is to be done later: what is not there yet is said in the documentation.
fn left_for_later(file: &File) -> Vec<String> {
    const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
    const CALLS: [&str; 2] = [concat!("todo", "!"), concat!("unimplemented", "!")];
    file.lines_that(
        |line| words(line).any(|word| MARKS.contains(&word)) || CALLS.iter().any(|c| line.contains(c)),
        "finish it, or say for its readers what is not there yet",
    )
}

/// A folder of the machine on which someone happened to work.
fn bound_to_a_machine(file: &File) -> Vec<String> {
    const FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/tm", "p/w")];
    file.lines_that(|line| FOLDERS.iter().any(|folder| line.contains(folder)), "a path that exists on one machine only")
}

/// The root of a crate whose first paragraph does not say what the crate never does.
fn promises_nothing(root: &File) -> Option<String> {
    let paragraph: Vec<&str> = root
        .text
        .lines()
        .skip_while(|line| !line.starts_with("//!"))
        .map_while(|line| line.strip_prefix("//!"))
        .take_while(|line| !line.trim().is_empty())
        .collect();
    let promises = paragraph.iter().any(|line| words(line).any(|w| w.eq_ignore_ascii_case("never")));
    (!promises).then(|| {
        format!(
            "{}: the first paragraph of a crate's documentation says what the crate is and what \
             it never does, with the word `never`",
            root.path
        )
    })
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn no_file_is_longer_than_a_reader_can_bear() {
    assert_none(files().iter().flat_map(too_long));
}

#[test]
fn nothing_is_switched_off() {
    assert_none(files().iter().flat_map(switched_off));
}

#[test]
fn nothing_is_silenced_for_good() {
    assert_none(files().iter().flat_map(silenced));
}

#[test]
fn nothing_is_left_for_later() {
    assert_none(files().iter().flat_map(left_for_later));
}

#[test]
fn nothing_is_bound_to_one_machine() {
    assert_none(files().iter().flat_map(bound_to_a_machine));
}

#[test]
fn every_crate_says_what_it_never_does() {
    let roots = crate_roots(&metadata());
    assert!(!roots.is_empty(), "no crate has a library");
    assert_none(roots.iter().filter_map(promises_nothing));
}

fn sample(path: &str, text: impl Into<String>) -> File {
    File { path: path.to_owned(), text: text.into() }
}

#[test]
fn a_long_file_is_found() {
    assert!(too_long(&sample("a.rs", "\n".repeat(600))).is_empty());
    assert_eq!(too_long(&sample("a.rs", "\n".repeat(601))), ["a.rs has 601 lines, more than 600: split it by meaning"]);
    assert!(too_long(&sample("a.md", "\n".repeat(601))).is_empty());
}

#[test]
fn what_is_switched_off_is_found() {
    let found = |text: &str| switched_off(&sample("a.rs", text)).len();
    for bad in [
        "/// ```ignore",
        "    //! ``` rust,ignore",
        "/// ~~~ignore-windows",
        "```ignore",
        concat!("#[", "ignore]"),
        concat!("    #[", "ignore = \"slow\"]"),
        concat!("#[", "cfg_attr(miri, ignore)]"),
    ] {
        assert_eq!(found(bad), 1, "{bad}");
    }
    for good in ["/// ```", "/// ```no_run", "/// they ignore it", "#[test]", "```text"] {
        assert_eq!(found(good), 0, "{good}");
    }
}

#[test]
fn what_is_silenced_for_good_is_found() {
    let found = |path: &str, text: &str| silenced(&sample(path, text)).len();
    let bad = [concat!("#[", "allow(dead_code)]"), concat!("    #![", "allow(unused, reason = \"x\")]")];
    for bad in bad {
        assert_eq!((found("a.rs", bad), found("a.md", bad), found(SILENT[0], bad)), (1, 0, 0), "{bad}");
    }
    assert_eq!(found("a.rs", "#[expect(dead_code)]"), 0);
}

#[test]
fn what_is_left_for_later_is_found() {
    let found = |text: &str| left_for_later(&sample("a.rs", text)).len();
    for bad in [
        concat!("// TO", "DO: the rest"),
        concat!("/// FIX", "ME"),
        concat!("let a = 1; // X", "XX"),
        concat!("    todo", "!()"),
        concat!("    unimplemented", "!(\"later\")"),
    ] {
        assert_eq!(found(bad), 1, "{bad}");
    }
    for good in ["// what there is to do", "mktemp XXXXXX", "let todos = 2;"] {
        assert_eq!(found(good), 0, "{good}");
    }
}

#[test]
fn what_is_bound_to_a_machine_is_found() {
    let bad = format!("first\nsee {}main/a.rs\nlast", concat!("/wo", "rk/"));
    assert_eq!(
        bound_to_a_machine(&sample("a.md", bad)),
        [concat!("a.md:2: a path that exists on one machine only: see /wo", "rk/main/a.rs")]
    );
    assert_eq!(bound_to_a_machine(&sample("a.md", concat!("/tm", "p/w/x"))).len(), 1);
    assert!(bound_to_a_machine(&sample("a.md", "/usr/bin, framework/, /tmp")).is_empty());
}

#[test]
fn a_crate_that_promises_nothing_is_found() {
    let found = |text: &str| promises_nothing(&sample("src/lib.rs", text)).is_some();
    assert!(found(""), "no documentation");
    assert!(found("mod a; // never"), "the word stands elsewhere");
    assert!(found("//! Does all.\n//!\n//! It never stops."), "the second paragraph");
    assert!(!found("//! Does all, and\n//! never stops.\n//!\n//! More."));
    assert!(!found("// A licence.\n\n//! Never stops."));
}

// ---- where all that is found -------------------------------------------------------------------

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace above this crate")
}

fn metadata() -> Value {
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).expect("cargo answers in JSON")
}

fn crate_roots(metadata: &Value) -> Vec<File> {
    list(metadata, "packages")
        .iter()
        .flat_map(|package| list(package, "targets"))
        .filter(|target| list(target, "kind").iter().any(|kind| kind == "lib"))
        .filter_map(|target| read(Path::new(text(target, "src_path"))))
        .collect()
}

/// The text files of the workspace: those that git knows or would add; without git all but what
/// cargo built.
fn files() -> Vec<File> {
    let paths = listed_by_git().unwrap_or_else(|| {
        let mut found = Vec::new();
        walk(root(), &mut found);
        found
    });
    let files: Vec<File> = paths.iter().filter_map(|path| read(path)).collect();
    assert!(
        files.iter().any(|file| file.path == "tests/tests/house.rs"),
        "this very file is not among the {} that were found",
        files.len()
    );
    files
}

fn listed_by_git() -> Option<Vec<PathBuf>> {
    let answer = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()?;
    let names = String::from_utf8(answer.stdout).ok()?;
    let names: Vec<&str> = names.split_terminator('\0').collect();
    // A copy of the workspace inside another repository, which does not list it, is walked.
    names.contains(&"Cargo.toml").then(|| names.iter().map(|name| root().join(name)).collect())
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    // Cargo marks its own output with this file.
    if folder.join("CACHEDIR.TAG").exists() || folder.ends_with(".git") {
        return;
    }
    for entry in fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("an entry of that folder").path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// None for what is not text, and for what git lists though it was removed.
fn read(path: &Path) -> Option<File> {
    let text = fs::read_to_string(path).ok()?;
    let path = path.strip_prefix(root()).unwrap_or(path);
    Some(File { path: path.to_string_lossy().replace('\\', "/"), text })
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[track_caller]
fn assert_none(complaints: impl IntoIterator<Item = String>) {
    let complaints: Vec<String> = complaints.into_iter().collect();
    assert!(complaints.is_empty(), "\n\n{}\n", complaints.join("\n"));
}
