//! The templates as a bureau edits them: its own words of a month, and faults with file and line.

use yuebao::stages::publish::brief::{self, Issue, Paper};
use yuebao::texts::Locale;

use crate::support::brief_data::{PROJECT, july, sample};
use crate::support::scene::Scene;

fn faults(scene: &Scene) -> Vec<String> {
    scene.open().err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// A scene whose Chinese template is the shipped one with a line in front of it.
fn with_line(line: &str) -> Vec<String> {
    let scene = Scene::shipped();
    let shipped = PROJECT.texts.get("jobs/brief/brief.zh.md").unwrap();
    scene.write("jobs/brief/brief.zh.md", &format!("{line}\n{shipped}"));
    faults(&scene)
}

#[test]
fn faults_name_file_and_line() {
    for (line, said) in [
        (
            "{{ headline.output_ytd_cny | monney }}",
            "there is no filter `monney`; did you mean `money`?",
        ),
        ("{{ headline.output_ytd }}", "there is no column `output_ytd`"),
        ("{{ headlines }}", "there is no name `headlines`; did you mean `headline`?"),
        (
            "{% if headline is knwon %}{% endif %}",
            "there is no test `knwon`; did you mean `known`?",
        ),
    ] {
        let found = with_line(line);
        let expected = format!("jobs/brief/brief.zh.md:1: {said}");
        assert!(found.iter().any(|fault| fault.starts_with(&expected)), "{expected}: {found:?}");
    }
    let found = with_line("{% if headline %}");
    assert!(found.len() == 1 && found[0].starts_with("jobs/brief/brief.zh.md:"), "{found:?}");
}

#[test]
fn a_language_without_template_is_a_fault() {
    let scene = Scene::new();
    std::fs::remove_file(scene.path("jobs/brief/brief.en.md")).unwrap();
    assert_eq!(
        faults(&scene),
        ["jobs/brief/brief.en.md: is missing: copy the shipped one and edit it"]
    );
}

#[test]
fn the_bureau_s_own_words_have_a_section_and_bring_no_html() {
    let scene = Scene::shipped();
    let note = "# 重点\n\n本月**停产检修**。\n\n<script>alert(1)</script> ![x](http://a/b) [y](javascript:z)\n\n---\n\n- 一\n- 二\n";
    scene.write("seeds/notes/2024-07.md", note);
    let mut project = PROJECT.clone();
    project.settings.locales = vec![Locale::Zh];
    project.texts = yuebao::project::files::Texts::read(&scene.path("")).unwrap();
    let issue = Issue { paper: Paper::Brief, period: july(), edition: 7, project: &project };
    let written = brief::write(&sample(), &issue, Locale::Zh).unwrap();
    assert!(written.markdown.contains("## 七、本局说明\n\n### 重点\n\n本月**停产检修**。"));
    for part in ["<h3>重点</h3>", "<strong>停产检修</strong>", "<li>一</li>", "&lt;script&gt;"]
    {
        assert!(written.html.contains(part), "{part}: {}", written.html);
    }
    for raw in ["<script", "<img", "javascript:"] {
        assert!(!written.html.contains(raw), "{raw}");
    }
    let without =
        brief::write(&sample(), &Issue { project: &PROJECT, ..issue }, Locale::Zh).unwrap();
    assert!(!without.markdown.contains("本局说明"));
}

#[test]
fn a_note_that_no_brief_prints_is_named() {
    let scene = Scene::new();
    for name in ["2024-07.md", "2024-07.en.md", "2024-7.md", "2024-07.fr.md", "七月.txt"] {
        scene.write(&format!("seeds/notes/{name}"), "本月停产检修。");
    }
    let project = scene.open().unwrap().project;
    let said: Vec<String> = brief::unread_notes(&project).map(|text| text.en).collect();
    let named = |name: &&str| said.iter().any(|it| it.contains(&format!("notes/{name}`")));
    assert!(["2024-07.fr.md", "2024-7.md", "七月.txt"].iter().all(named), "{said:?}");
    assert_eq!(said.len(), 3, "{said:?}");
}
