//! Fingerprints of what figures depend on, month by month: what holds later changes nothing before.

use std::fs;

use yuebao::domain::period::Period;
use yuebao::project::inputs::{Input, Inputs};

use crate::support::scene::Scene;

/// The fingerprints of a scene.
fn inputs(scene: &Scene) -> Inputs {
    scene.open().unwrap().inputs
}

/// The kinds that differ for a month, as words.
fn differing(one: &Inputs, other: &Inputs, month: &str) -> String {
    let month: Option<Period> = month.parse().ok();
    let kinds = Input::ALL.iter().filter(|kind| one.at(**kind, month) != other.at(**kind, month));
    kinds.map(|kind| kind.name()).collect::<Vec<_>>().join(" ")
}

/// Edits a scene: replaces a text once, or appends where the old one is empty.
fn edited(path: &str, old: &str, new: &str) -> Scene {
    let scene = Scene::new();
    if old.is_empty() {
        scene.append(path, new);
    } else {
        let text = fs::read_to_string(scene.path(path)).unwrap();
        assert!(text.contains(old), "{path} lacks {old}");
        scene.write(path, &text.replacen(old, new, 1));
    }
    scene
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of sixteen edits")]
fn what_holds_from_a_month_on_differs_from_that_month_on() {
    let edits: [(&str, &str, &str, [&str; 3]); 16] = [
        // path, old, new, what differs in April 2024, in May 2024, in January 2025
        (
            "seeds/firms.csv",
            "",
            "91220106MA0000445J,示例新进有限公司,green,rail,3714,3,false,2024-05,,keep,B204-1,\n",
            ["", "roster", "roster"],
        ),
        ("seeds/firms.csv", "2020-01,,", "2020-01,2024-04,", ["", "roster", "roster"]),
        ("seeds/firms.csv", "2020-01,,", "2020-01,2024-05,", ["", "", "roster"]),
        ("seeds/firms.csv", "green,rail", ",rail", ["roster", "roster", "roster"]),
        ("seeds/firms.csv", "B204-1,\n", "B204-1,139 0000 0000\n", ["", "", ""]),
        (
            "seeds/calendar.csv",
            "2024-05,2024-06-10T12",
            "2024-05,2024-06-11T12",
            ["", "calendar", "calendar"],
        ),
        ("seeds/zones.csv", "绿园经济开发区", "绿园经开区", ["", "", ""]),
        ("seeds/zones.csv", "", "west,西区,West\n", ["seeds", "seeds", "seeds"]),
        (
            "seeds/targets.csv",
            "",
            "a,甲,A,2024,district,220106,B204-1,output,level,90000000,,,,\n",
            ["targets", "targets", ""],
        ),
        (
            "seeds/feedback.csv",
            "",
            "2024-05,district,220106,output,100,0.1\n",
            ["", "seeds", "seeds"],
        ),
        (
            "seeds/qualifications.csv",
            "",
            "91220106MA0000015Q,high_tech,2024-05-20,\n",
            ["", "seeds", "seeds"],
        ),
        (
            "jobs/forms/B204-1.toml",
            "item = \"exports\"\n",
            "item = \"exports\"\nto = \"2024-04\"\n",
            ["", "forms", "forms"],
        ),
        (
            "jobs/forms/B204-1.toml",
            "item = \"exports\"\n",
            "item = \"exports\"\nfrom = \"2024-05\"\n",
            ["forms", "forms", "forms"],
        ),
        ("jobs/forms/B204-1.toml", "form = ", "# a comment\nform = ", ["", "", ""]),
        ("jobs/pipeline.toml", "127.0.0.1:8470", "127.0.0.1:8471", ["", "", ""]),
        (
            "jobs/pipeline.toml",
            "explanation_chars_min = 10",
            "explanation_chars_min = 12",
            ["settings", "settings", "settings"],
        ),
    ];
    let plain = inputs(&Scene::new());
    for (path, old, new, expected) in edits {
        let found = inputs(&edited(path, old, new));
        let found = ["2024-04", "2024-05", "2025-01"].map(|month| differing(&plain, &found, month));
        assert_eq!(found, expected.map(str::to_owned), "{path}: {old} -> {new}");
    }
}
