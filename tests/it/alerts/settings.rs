//! `jobs/alerts.toml`: every fault at once, with its line and the nearest value, without secrets.

use yuebao::project::alerts::{Kind, Url};

use super::{channel, project};
use crate::support::scene::Scene;

fn faults(text: &str) -> String {
    let scene = Scene::new();
    scene.write("jobs/alerts.toml", text);
    scene.faults()
}

#[track_caller]
fn assert_fault(text: &str, line: usize, words: &str) {
    let faults = faults(text);
    let place = format!("jobs/alerts.toml:{line}:");
    let is_found = faults.lines().any(|fault| fault.starts_with(&place) && fault.contains(words));
    assert!(is_found, "no fault at `{place}` with `{words}` in:\n{faults}");
}

#[test]
fn the_shipped_file_sets_up_no_channel_and_a_project_may_lack_it() {
    let scene = Scene::new();
    assert!(scene.open().unwrap().project.channels.is_empty());
    std::fs::remove_file(scene.path("jobs/alerts.toml")).unwrap();
    assert!(scene.open().unwrap().project.channels.is_empty());
}

#[test]
fn the_examples_of_the_shipped_file_are_sound() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("jobs/alerts.toml")).unwrap();
    let (_, examples) = text.split_once("#\n# [[channels]]").unwrap();
    let bare = |line: &str| line.strip_prefix("# ").unwrap_or_default().to_owned();
    let lines: Vec<String> = examples.lines().map(bare).collect();
    let scene = Scene::new();
    let project = project(&scene, &format!("[[channels]]\n{}", lines.join("\n")));
    let [duty, desk] = project.channels.as_slice() else { panic!("{:?}", project.channels) };
    let all_but_test: Vec<Kind> =
        Kind::ALL.iter().copied().filter(|it| *it != Kind::Test).collect();
    assert!(all_but_test.iter().all(|kind| duty.wants(*kind)), "{duty:?}");
    assert!(desk.wants(Kind::RunFailed));
}

#[test]
fn unknown_values_name_the_nearest() {
    let text = channel("wecmo", "http://a/b", "locale = \"zn\"\nkinds = [\"run_faild\"]");
    assert_fault(&text, 3, "did you mean `wecom`?");
    assert_fault(&text, 5, "none of zh, en");
    assert_fault(&text, 6, "did you mean `run_failed`?");
}

#[test]
fn unknown_keys_are_refused() {
    assert_fault(&channel("json", "http://a/b", "colour = \"red\""), 5, "colour");
}

#[test]
fn a_channel_needs_one_address_and_a_name_of_its_own() {
    let twice = channel("json", "http://a/b", "");
    assert_fault(&format!("{twice}{twice}"), 7, "channel `duty` stands twice");
    assert_fault(&channel("json", "http://a/b", "url_env = \"X\""), 2, "either `url_env`");
    assert_fault("[[channels]]\nname = \"duty\"\nkind = \"json\"\n", 2, "either `url_env`");
    assert_fault(&channel("json", "http://a/b", "kinds = []"), 2, "leave it out for all");
}

#[test]
fn what_is_no_address_is_not_repeated_since_it_may_be_a_secret() {
    let text = channel("wecom", "qyapi/send?key=verysecretkey", "");
    assert_fault(&text, 4, "no address like");
    let pasted = "[[channels]]\nname = \"duty\"\nkind = \"dingtalk\"\n\
                  url_env = \"https://oapi/send?access_token=verysecretkey\"\n\
                  secret_env = \"SEC-verysecretkey\"\n";
    assert_fault(pasted, 4, "`url_env` is the name of an environment variable");
    assert_fault(pasted, 5, "`secret_env` is the name of an environment variable");
    for text in [text.as_str(), pasted] {
        assert!(!faults(text).contains("verysecretkey"));
    }
}

#[test]
fn only_bots_that_know_signatures_take_a_secret() {
    let text = channel("wecom", "http://a/b", "secret_env = \"SECRET\"");
    assert_fault(&text, 5, "kind `wecom` knows no signature");
}

#[test]
fn a_url_shows_only_the_machine_it_leads_to() {
    let url = Url::parse("https://me:pass@example.org:8443/hook/abc?token=def#ghi").unwrap();
    assert_eq!(url.to_string(), "https://example.org:8443");
    assert_eq!(format!("{url:?}"), "Url(https://example.org:8443)");
    for wrong in ["ftp://example.org/x", "example.org/x", "https://", "http:///x", "two words"] {
        assert_eq!(Url::parse(wrong), None, "{wrong}");
    }
}
