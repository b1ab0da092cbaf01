//! `status` of a month nobody has reported for yet: who is to be chased.

use super::{code, err, json, out, published, yuebao};
use crate::support::scene::{FIRMS, Scene, b204_book};

/// Who is to be chased, and the months they are late.
fn chased(scene: &Scene, period: &str) -> Vec<(String, i64)> {
    let status = yuebao(scene, &["status", "--period", period, "--json"]);
    assert_eq!(code(&status), 0, "{}", err(&status));
    let status = json(&status);
    assert_eq!(status["counted"], 0);
    assert_eq!(status["due"], status["to_chase"].as_array().unwrap().len());
    let firm = |it: &serde_json::Value| {
        assert_eq!((&it["form"], &it["state"]), (&"B204-1".into(), &"missing".into()));
        (it["credit_code"].as_str().unwrap().to_owned(), it["months_late_in_row"].as_i64().unwrap())
    };
    status["to_chase"].as_array().unwrap().iter().map(firm).collect()
}

#[test]
fn a_month_that_nobody_reported_for_lists_every_firm_due() {
    let scene = published();
    // Nobody reported for February; for March the first firm did, on time, and nobody since.
    let codes = FIRMS.map(|(code, _)| code.to_owned());
    let late = |months: [i64; 3]| codes.clone().into_iter().zip(months).collect::<Vec<_>>();
    assert_eq!(chased(&scene, "2024-04"), late([1, 3, 3]));
    assert_eq!(chased(&scene, "2024-05"), late([2, 4, 4]));
    let text = out(&yuebao(&scene, &["status", "--period", "2024-04"]));
    assert!(text.contains("未报") && text.contains("2024-05-10 12:00"), "{text}");
}

#[test]
fn a_month_beyond_the_calendar_is_refused() {
    let scene = published();
    for period in ["2025-01", "2024-01", "2023-12"] {
        let status = yuebao(&scene, &["status", "--period", period]);
        assert_eq!(code(&status), 2, "{period}: {}", out(&status));
        assert!(err(&status).contains("nobody is due"), "{}", err(&status));
    }
}

#[test]
fn a_report_that_counts_already_is_not_chased() {
    let scene = published();
    scene.drop_file("4.xlsx", &b204_book(2, 4, [1010, 4040, 900, 3600]), 3000);
    scene.take_in();
    let status = json(&yuebao(&scene, &["status", "--period", "2024-04", "--json"]));
    assert_eq!((&status["due"], &status["counted"]), (&3.into(), &1.into()));
    let chased = status["to_chase"].as_array().unwrap();
    assert!(chased.iter().all(|it| it["credit_code"] != FIRMS[2].0), "{chased:?}");
}
