//! The documentation holds: links lead somewhere, commands exist, what is there in two languages is twins.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::scene::Scene;

/// Every Markdown file a reader is sent to, relative to the repository.
const PAGES: [&str; 21] = [
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/bi.md",
    "docs/bi.zh-CN.md",
    "docs/operations.md",
    "docs/operations.zh-CN.md",
    "jobs/README.md",
    "jobs/README.zh-CN.md",
    "jobs/brief/README.md",
    "jobs/brief/README.zh-CN.md",
    "jobs/rules/README.md",
    "jobs/rules/README.zh-CN.md",
    "seeds/README.md",
    "seeds/README.zh-CN.md",
    "output/README.md",
    "deploy/README.md",
    "tests/README.md",
    "tests/fixtures/README.md",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &str) -> String {
    std::fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// A page taken apart: its fenced blocks, and its lines outside of them.
#[derive(Default)]
struct Page {
    blocks: Vec<Block>,
    prose: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Block {
    language: String,
    lines: Vec<String>,
}

fn page(text: &str) -> Page {
    let mut page = Page::default();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(_), Some(_)) => page.blocks.extend(open.take()),
            (Some(language), None) => {
                open = Some(Block { language: language.to_owned(), ..Block::default() });
            }
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => page.prose.push(line.to_owned()),
        }
    }
    assert_eq!(open, None, "a fenced block is not closed");
    page
}

/// Targets of inline links and pictures.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

/// Calls of the program in a block: what a person types, without prompt, cron and folder.
fn calls(block: &Block) -> Vec<String> {
    let typed = |line: &String| match block.language.as_str() {
        "console" => line.strip_prefix("$ ").map(str::to_owned),
        "sh" => Some(line.rsplit("&& ").next().unwrap_or_default().to_owned()),
        _ => None,
    };
    let lines = block.lines.iter().filter_map(typed);
    let call = |line: String| {
        let line = line.strip_prefix("sudo -u yuebao ").unwrap_or(&line);
        let call = line.strip_prefix("yuebao ").or_else(|| line.strip_prefix("cargo run -- "));
        call.map(str::to_owned)
    };
    lines.filter_map(call).collect()
}

/// Words of a shell line; a quoted text is one word.
fn words(call: &str) -> Vec<String> {
    let parts = call.split('"').enumerate();
    parts
        .flat_map(|(at, part)| {
            let is_quoted = at % 2 == 1;
            let words = if is_quoted { vec![part] } else { part.split_whitespace().collect() };
            words.into_iter().map(str::to_owned)
        })
        .collect()
}

/// Whether the program understands a call; with `--help` at its end it carries nothing out.
fn is_understood(call: &str) -> bool {
    let help = Command::new(env!("CARGO_BIN_EXE_yuebao")).args(words(call)).arg("--help").output();
    help.unwrap().status.success()
}

/// Calls between backticks in a page's prose that are whole commands: no `<…>`, no `…`.
fn calls_in_prose(page: &Page) -> Vec<String> {
    let spans = page.prose.iter().flat_map(|line| line.split('`').skip(1).step_by(2));
    let spans = spans.map(|span| span.strip_prefix("sudo -u yuebao ").unwrap_or(span));
    let calls = spans.filter_map(|span| span.strip_prefix("yuebao "));
    calls.filter(|call| !call.contains(['<', '…'])).map(str::to_owned).collect()
}

#[test]
fn every_link_leads_to_a_file() {
    let mut broken = Vec::new();
    for name in PAGES {
        let folder = root().join(Path::new(name).parent().unwrap());
        for line in page(&read(name)).prose {
            for target in links(&line).filter(|target| !target.starts_with("https://")) {
                if !folder.join(target.split('#').next().unwrap()).is_file() {
                    broken.push(format!("{name}: {target}"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_page_at_the_top_is_looked_at_and_short() {
    for file in std::fs::read_dir(root()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let is_page = Path::new(&name).extension().is_some_and(|ending| ending == "md");
        assert!(!is_page || PAGES.contains(&name.as_str()), "{name} is not in PAGES");
    }
    for name in PAGES {
        let lines = read(name).lines().count();
        assert!(lines <= 250, "{name} has {lines} lines: at most 250");
    }
}

#[test]
fn every_command_shown_exists() {
    let mut seen = 0;
    for name in PAGES {
        let page = page(&read(name));
        let shown = page.blocks.iter().flat_map(calls).chain(calls_in_prose(&page));
        for call in shown {
            assert!(is_understood(&call), "{name} shows `yuebao {call}`, which is no command");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} commands were found: has their form changed?");
}

#[test]
fn a_command_that_does_not_exist_would_be_noticed() {
    let wrong = [
        "publish",
        "run --month 2024-07",
        "edition undo 1",
        "status --period 2024-13",
        "jobs publish --month 2025-13",
        "alerts try",
    ];
    for call in wrong {
        assert!(!is_understood(call), "{call}");
    }
}

#[test]
fn every_command_is_shown_at_work() {
    let pages = ["README.md", "docs/bi.md", "docs/operations.md"].map(|name| page(&read(name)));
    let shown: Vec<String> = pages.iter().flat_map(|it| &it.blocks).flat_map(calls).collect();
    let commands = [
        "demo", "run", "daemon", "jobs", "backfill", "status", "findings", "check", "alerts",
        "edition", "export", "doctor",
    ];
    for command in commands {
        assert!(shown.iter().any(|call| words(call)[0] == command), "{command} is not shown");
    }
}

#[test]
fn a_fresh_machine_needs_two_commands_and_the_checks_run_the_second() {
    let blocks = page(&read("README.md")).blocks;
    let first: Vec<&str> = blocks.iter().take(2).map(|block| block.lines[0].as_str()).collect();
    assert_eq!(first, ["cargo run -- demo", "cargo test"]);
    let checks = read(".ci/run");
    assert!(checks.contains("cargo test"), ".ci/run does not run `cargo test`");
}

#[test]
fn the_shipped_project_is_as_sound_as_the_readme_says() {
    let doctor = Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .arg("--project")
        .arg(root())
        .arg("doctor")
        .output()
        .unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    let first = said.lines().next().unwrap();
    for name in ["README.md", "README.zh-CN.md"] {
        assert!(read(name).contains(first), "{name} does not show: {first}");
    }
}

#[test]
fn the_first_month_of_the_readme_can_be_followed() {
    let blocks = page(&read("README.md")).blocks;
    let is_it = |block: &Block| block.lines.iter().any(|line| line.contains("own/seeds"));
    let at = blocks.iter().position(is_it).unwrap();
    let program = env!("CARGO_BIN_EXE_yuebao");
    let typed = blocks[at].lines.join("\n").replace("cargo run --", &format!("'{program}'"));
    let copied = "mkdir -p tests/fixtures\ncp -r \"$ROOT\"/jobs \"$ROOT\"/seeds .\n\
                  cp -r \"$ROOT\"/tests/fixtures/forms tests/fixtures/";
    let folder = tempfile::tempdir().unwrap();
    let ran = Command::new("bash")
        .args(["-e", "-c", &format!("{copied}\n{typed}")])
        .env("ROOT", root())
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let said = String::from_utf8(ran.stdout).unwrap();
    let said: Vec<&str> = said.lines().map(str::trim_end).collect();
    assert_eq!(said, blocks[at + 1].lines);
}

#[test]
fn what_is_there_in_two_languages_has_the_same_headings_and_tables() {
    for chinese in PAGES.iter().filter(|name| name.ends_with(".zh-CN.md")) {
        let english = chinese.replace(".zh-CN.md", ".md");
        let twins = [english.as_str(), chinese].map(|name| page(&read(name)));
        let shapes = twins.each_ref().map(|page| {
            let headings = page.prose.iter().filter(|line| line.starts_with('#'));
            let levels = headings.map(|line| line.bytes().take_while(|it| *it == b'#').count());
            levels.collect::<Vec<_>>()
        });
        assert_eq!(shapes[0], shapes[1], "headings of {chinese}");
        let rows = twins
            .each_ref()
            .map(|page| page.prose.iter().filter(|line| line.starts_with('|')).count());
        assert_eq!(rows[0], rows[1], "tables of {chinese} differ in length");
    }
}

#[test]
fn pages_in_two_languages_have_the_same_code() {
    for name in ["README", "docs/bi", "docs/operations"] {
        let [english, chinese] =
            ["md", "zh-CN.md"].map(|ending| page(&read(&format!("{name}.{ending}"))));
        assert_eq!(english.blocks, chinese.blocks, "{name}");
    }
}

#[test]
fn the_example_mart_is_sound() {
    let blocks = page(&read("jobs/README.md")).blocks;
    let example = blocks.iter().find(|block| block.language == "sql").unwrap();
    let scene = Scene::new();
    scene.write("jobs/marts/zone_output.sql", &example.lines.join("\n"));
    let doctor = Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .arg("--project")
        .arg(scene.path(""))
        .arg("doctor")
        .output()
        .unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stderr));
}

#[test]
fn every_key_and_unit_of_marts_is_explained() {
    let text = read("jobs/README.md");
    for unit in yuebao::project::marts::Unit::ALL {
        assert!(text.contains(&format!("`{}`", unit.name())), "unit {} is missing", unit.name());
    }
}

#[test]
fn every_step_key_and_alert_is_explained() {
    let text = read("jobs/README.md");
    let is_explained =
        |name: &str| text.contains(&format!("`{name}`")) || text.contains(&format!(".{name}`"));
    for step in yuebao::project::schedules::Step::ALL {
        assert!(is_explained(step.name()), "step {} is missing", step.name());
    }
    for kind in yuebao::project::alerts::Kind::ALL {
        let is_a_try = *kind == yuebao::project::alerts::Kind::Test;
        assert!(is_a_try || is_explained(kind.name()), "alert {} is missing", kind.name());
    }
    let files = std::fs::read_dir(root().join("jobs/schedules")).unwrap();
    for file in files {
        let file = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for (key, value) in file.parse::<toml::Table>().unwrap() {
            match value.as_table() {
                Some(table) => {
                    assert!(text.contains(&format!("`{key}.")), "key {key} is missing");
                    for key in table.keys() {
                        assert!(is_explained(key), "key {key} is missing");
                    }
                }
                None => assert!(is_explained(&key), "key {key} is missing"),
            }
        }
    }
}
