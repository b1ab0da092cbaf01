//! Months on the command line, and months that the calendar lacks.

use super::{code, err, json, out, published, yuebao};
use crate::support::scene::b204_book;

#[test]
fn a_month_may_be_typed_as_people_type_it() {
    let scene = published();
    for typed in ["2024-03", "202403", "2024-3", "2024/3", "2024年3月", "２０２４－０３"] {
        let status = yuebao(&scene, &["status", "--json", "--period", typed]);
        assert_eq!(code(&status), 0, "{typed}: {}", err(&status));
        assert_eq!(json(&status)["period"], "2024-03", "{typed}");
    }
    for typed in ["2024.3", "2024", "3月"] {
        let status = yuebao(&scene, &["status", "--period", typed]);
        assert_eq!(code(&status), 2, "{typed}");
        let said = format!("`{typed}` is not a month: write it as 2024-07");
        assert!(err(&status).contains(&said), "{}", err(&status));
    }
}

#[test]
fn a_month_that_is_owed_without_a_deadline_is_named() {
    let scene = published();
    let calendar = std::fs::read_to_string(scene.path("seeds/calendar.csv")).unwrap();
    let said = "seeds/calendar.csv has no deadline of B204-1 for 2024-04";
    let called = |arguments: &[&str]| {
        let output = yuebao(&scene, &[&["--lang", "en"], arguments].concat());
        // A changed calendar waits for a reason before it moves what is published: `run` ends with 1.
        assert!(code(&output) <= 1, "{}", err(&output));
        err(&output).matches(said).count()
    };
    let kept: Vec<&str> = calendar.lines().filter(|row| !row.contains("2024-04,")).collect();
    scene.seed("calendar.csv", &format!("{}\n", kept.join("\n")));
    // April ended long ago, but nothing was received for it, and the sample has no present.
    assert_eq!(called(&["status"]), 0);
    scene.drop_file("2.xlsx", &b204_book(0, 4, [1010, 4040, 900, 3600]), 3100);
    for command in [&["run"][..], &["status"], &["doctor"]] {
        assert_eq!(called(command), 1, "{command:?}");
    }
    let doctor = yuebao(&scene, &["--lang", "zh", "doctor", "--json"]);
    let warned = json(&doctor)["warnings"].to_string();
    assert!(warned.contains("没有 B204-1 2024-04 的截止时间"), "{warned} {}", out(&doctor));
    scene.seed("calendar.csv", &calendar);
    assert_eq!(called(&["status"]), 0);
}
