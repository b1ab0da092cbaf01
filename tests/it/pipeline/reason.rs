//! What moves a published figure has a name: received workbooks move it by themselves, everything else
//! waits for a reason; and what changes nothing that readers see makes no edition.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use yuebao::pipeline::edition::Publication;
use yuebao::pipeline::reason::Awaited;
use yuebao::pipeline::{Event, Step};
use yuebao::project::inputs::Input;

use crate::support::scene::{FIRMS, Scene, b204, b204_book};
use crate::support::workbook::Book;

/// March and April of two firms of the zone, published.
fn published() -> Scene {
    Scene::like("reason", || {
        let scene = Scene::new();
        for firm in 0..2 {
            scene.drop_file(
                &format!("{firm}-3.xlsx"),
                &b204_book(firm, 3, [1010, 3030, 900, 2700]),
                2400,
            );
            scene.drop_file(
                &format!("{firm}-4.xlsx"),
                &b204_book(firm, 4, [1020, 4050, 900, 3600]),
                3100,
            );
        }
        scene.take_in();
        assert_eq!(scene.publish(), Publication::Published(1));
        scene
    })
}

/// April of the second firm again: 10 thousand yuan more.
fn correct_april(scene: &Scene) {
    scene.drop_file("1-4b.xlsx", &b204_book(1, 4, [1030, 4060, 900, 3600]), 3200);
}

/// What a new document number adds was no figure before: nobody has to say why.
#[test]
fn a_document_number_that_is_added_moves_no_published_figure() {
    let scene = published();
    let rows =
        b204(0, 5, [1030, 5080, 900, 4500]).replace("国统字〔2023〕88号", "国统字〔2031〕7号");
    scene.drop_file("0-5.xlsx", &Book::of(&rows), 3800);
    scene.take_in();
    assert_eq!(scene.publish(), Publication::Published(2));
    let edition = "[[edition]]\nedition = \"2024\"\ndocument = \"国统字〔2031〕7号\"\n\n[sheet]\n";
    edit(&scene, "jobs/forms/B204-1.toml", "[sheet]\n", edition);
    let (publication, _) = run(&scene);
    assert_eq!(publication, Publication::Published(3), "{publication:#?}");
}

/// Replaces a text in a file of the project.
fn edit(scene: &Scene, path: &str, old: &str, new: &str) {
    let text = fs::read_to_string(scene.path(path)).unwrap();
    assert!(text.contains(old), "{path} lacks {old}");
    scene.write(path, &text.replace(old, new));
}

/// Moves the second firm out of the zone, in all its past.
fn move_the_second_firm(scene: &Scene) {
    let named = format!("{},{},green,rail", FIRMS[1].0, FIRMS[1].1);
    edit(scene, "seeds/firms.csv", &named, &named.replace("green", ""));
}

/// Takes in and publishes; whether marts were built for it.
fn run(scene: &Scene) -> (Publication, bool) {
    scene.take_in();
    let is_built = AtomicBool::new(false);
    let watch = |event| {
        if matches!(event, Event::Began { step: Step::Building, .. }) {
            is_built.store(true, Ordering::Relaxed);
        }
    };
    let now = "2026-01-15T00:00:00Z";
    let publication = scene.with_site_at(now, &watch, crate::support::scene::publish).unwrap();
    (publication, is_built.into_inner())
}

#[track_caller]
fn held(publication: Publication) -> Awaited {
    let Publication::AwaitsReason(awaited) = publication else { panic!("{publication:?}") };
    *awaited
}

/// The months with what moves them, in words.
fn in_words<'a>(
    causes: impl IntoIterator<
        Item = (&'a yuebao::domain::period::Period, &'a std::collections::BTreeSet<Input>),
    >,
) -> Vec<String> {
    let line = |kinds: &std::collections::BTreeSet<Input>| {
        kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" ")
    };
    causes.into_iter().map(|(period, kinds)| format!("{period} {}", line(kinds))).collect()
}

fn manifest(scene: &Scene, edition: u32) -> yuebao::stages::publish::manifest::Manifest {
    yuebao::stages::publish::editions::manifest(&scene.out(""), edition).unwrap()
}

#[test]
fn workbooks_move_published_figures_by_themselves_and_the_manifest_says_so() {
    let scene = published();
    correct_april(&scene);
    assert_eq!(run(&scene), (Publication::Published(2), true));
    let manifest = manifest(&scene, 2);
    assert_eq!(manifest.since, Some(1));
    assert_eq!(in_words(&manifest.moved), ["2024-04 workbooks"]);
    assert_eq!(manifest.why, None);
}

#[test]
fn an_edit_of_the_rosters_past_waits_for_a_reason_and_is_released_by_one() {
    let scene = published();
    let before = scene.files("editions");
    move_the_second_firm(&scene);
    let awaited = held(run(&scene).0);
    assert_eq!(awaited.edition, 1);
    assert_eq!(in_words(&awaited.causes), ["2024-03 roster", "2024-04 roster"]);
    // The zone's April: 1,020 thousand of each firm before, of one afterwards.
    let totals = awaited.revision.marts.iter().find(|it| it.mart == "monthly_totals").unwrap();
    let zone = totals.changed.iter().find(|it| {
        it.column == "month_cny"
            && it.key[..3] == ["2024-04", "zone", "green"]
            && it.key[3] == "output"
    });
    let zone = zone.unwrap();
    assert_eq!(
        (zone.old.as_deref(), zone.new.as_deref()),
        (Some("2040000.00"), Some("1020000.00"))
    );
    assert_eq!(
        scene.files("editions"),
        before,
        "readers keep what they have, and nothing is remembered"
    );
    // It stays held, also when a workbook comes, which is taken in all the same.
    correct_april(&scene);
    assert_eq!(scene.take_in().received.files, 1);
    let causes = held(scene.publish()).causes;
    assert_eq!(in_words(&causes), ["2024-03 roster", "2024-04 workbooks roster"]);
    assert_eq!(scene.publish_because("示例轨道配件 moved in 2023"), Publication::Published(2));
    let manifest = manifest(&scene, 2);
    assert_eq!(manifest.why.as_deref(), Some("示例轨道配件 moved in 2023"));
    // February has no report; that the firm which owed one lay in the zone stands in a row of it, too.
    let moved = in_words(&manifest.moved);
    assert_eq!(moved, ["2024-02 roster", "2024-03 roster", "2024-04 workbooks roster"]);
    assert_eq!(run(&scene), (Publication::Unchanged(2), false));
}

#[test]
fn what_is_held_is_released_by_being_taken_back() {
    let scene = published();
    let kept = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    move_the_second_firm(&scene);
    held(run(&scene).0);
    scene.seed("firms.csv", &kept);
    assert_eq!(run(&scene), (Publication::Unchanged(1), false));
    correct_april(&scene);
    assert_eq!(run(&scene).0, Publication::Published(2));
}

#[test]
fn an_edit_of_the_roster_for_a_coming_month_publishes_along_with_workbooks() {
    let scene = published();
    // The second firm leaves the zone with May, and a fourth firm comes.
    let second =
        format!("{},{},green,rail,3714,3,false,2020-01,,keep,B204-1,", FIRMS[1].0, FIRMS[1].1);
    edit(&scene, "seeds/firms.csv", &second, &second.replace("2020-01,,", "2020-01,2024-04,"));
    scene.append(
        "seeds/firms.csv",
        "91220106MA0000445J,示例新进有限公司,green,rail,3714,3,false,2024-05,,keep,B204-1,\n",
    );
    assert!(scene.take_in().months.is_empty(), "no month of the past is stale");
    correct_april(&scene);
    assert_eq!(run(&scene).0, Publication::Published(2));
    assert_eq!(in_words(&manifest(&scene, 2).moved), ["2024-04 workbooks"]);
    // May comes with its roster: new rows need no reason.
    scene.drop_file("0-5.xlsx", &b204_book(0, 5, [1030, 5080, 900, 4500]), 3900);
    assert_eq!(run(&scene).0, Publication::Published(3));
    let moved = in_words(&manifest(&scene, 3).moved);
    assert_eq!(moved.last().unwrap(), "2024-05 workbooks");
}

#[test]
fn what_no_figure_depends_on_makes_no_month_stale_and_no_edition() {
    let scene = published();
    edit(&scene, "seeds/firms.csv", "B204-1,\n", "B204-1,139 0000 0000\n");
    edit(&scene, "jobs/pipeline.toml", "127.0.0.1:8470", "127.0.0.1:8471");
    scene.append("jobs/pipeline.toml", "\n# a comment\n");
    scene.append("jobs/rules/B204-1.toml", "\n# a comment\n");
    scene.append("jobs/forms/B204-1.toml", "\n# a comment\n");
    assert!(scene.take_in().months.is_empty());
    assert_eq!(run(&scene), (Publication::Unchanged(1), true), "the marts had to be built to know");
    assert_eq!(run(&scene), (Publication::Unchanged(1), false), "and this is remembered");
    // What was remembered may be lost, half-written or damaged: the marts are built once more.
    for text in [None, Some("{\"edition\":"), Some("{}")] {
        fs::remove_file(scene.out("editions/.equal.json")).unwrap();
        if let Some(text) = text {
            fs::write(scene.out("editions/.equal.json"), text).unwrap();
        }
        fs::write(scene.out("editions/.unfinished-.equal.json"), "half").unwrap();
        assert_eq!(run(&scene), (Publication::Unchanged(1), true), "{text:?}");
        assert_eq!(run(&scene), (Publication::Unchanged(1), false), "{text:?}");
    }
    // A workbook afterwards is held against what was remembered, not against the edition's manifest.
    correct_april(&scene);
    assert_eq!(run(&scene).0, Publication::Published(2));
    assert_eq!(in_words(&manifest(&scene, 2).moved), ["2024-04 workbooks"]);
}

#[test]
fn a_rule_that_leaves_no_report_is_held_back_and_readers_keep_what_they_have() {
    let scene = published();
    edit(&scene, "jobs/rules/B204-1.toml", "sql = \"sales_{m} >= exports_{m}\"", "sql = \"false\"");
    let Publication::HeldBack(failures) = run(&scene).0 else { panic!("an empty edition") };
    assert_eq!(failures[0].test, "some report counts");
    assert!(scene.out("editions/1").exists() && !scene.out("editions/2").exists());
}

#[test]
fn a_rule_that_judges_the_past_otherwise_waits_and_one_in_other_words_publishes_nothing() {
    let scene = published();
    // Another hint: every month is done again, every figure stays.
    edit(&scene, "jobs/rules/B204-1.toml", "请填写；没有发生的填 0", "请填写，没有发生的填 0");
    assert_eq!(scene.take_in().months.len(), 2);
    assert_eq!(run(&scene), (Publication::Unchanged(1), true));
    correct_april(&scene);
    assert_eq!(run(&scene).0, Publication::Published(2), "the rules are those of the edition");
    // Every report of March is refused now: its month and year to date are 1,010 and 3,030.
    scene.append(
        "jobs/rules/B204-1.toml",
        "
[[rule]]
id = \"Z1\"
severity = \"error\"
sql = \"output_ytd <> 3030000\"
fields = [\"output_ytd\"]
message = { zh = \"不\", en = \"no\" }
hint = { zh = \"不\", en = \"no\" }
",
    );
    let awaited = held(run(&scene).0);
    let causes = in_words(&awaited.causes);
    assert_eq!(causes[0], "2024-03 rules");
    assert!(awaited.revision.marts.iter().any(|mart| !mart.gone.is_empty()), "rows vanish");
}

#[test]
fn marts_that_say_something_else_of_the_past_wait_and_new_ones_do_not() {
    let mart = |sql: &str, column: &str| {
        format!(
            "-- mart: extra
-- purpose: a test
-- grain: period
-- inputs: monthly_totals
-- columns:
--   period | month | The month | 月份
--   {column} | count | A number | 数
select period, {sql} as {column} from monthly_totals group by period
"
        )
    };
    let scene = published();
    scene.write("jobs/marts/extra.sql", &mart("1", "one"));
    assert_eq!(run(&scene).0, Publication::Published(2), "what is new moves nothing");
    for changed in [mart("2", "one"), mart("1", "two")] {
        scene.write("jobs/marts/extra.sql", &changed);
        let causes = held(run(&scene).0).causes;
        assert_eq!(in_words(&causes), ["2024-03 marts", "2024-04 marts"]);
    }
    fs::remove_file(scene.path("jobs/marts/extra.sql")).unwrap();
    assert_eq!(held(run(&scene).0).causes.len(), 2, "a mart that is gone takes its figures along");
}

#[test]
fn another_name_is_no_figure() {
    let scene = published();
    scene.seed("zones.csv", "zone,name_zh,name_en\ngreen,绿园经开区,Green Zone\n");
    assert!(scene.take_in().months.is_empty());
    assert_eq!(run(&scene).0, Publication::Published(2));
}

#[test]
fn targets_of_a_year_move_that_year_only() {
    let scene = published();
    let header = fs::read_to_string(scene.path("seeds/targets.csv")).unwrap();
    let target = |year: i32, level: i64| {
        format!(
            "output-{year},产值,Output,{year},district,220106,B204-1,output,level,{level},,,,test\n"
        )
    };
    let with = |rows: &[String]| scene.seed("targets.csv", &format!("{header}{}", rows.concat()));
    with(&[target(2024, 90_000_000)]);
    assert_eq!(run(&scene).0, Publication::Published(2), "a target that is new moves nothing");
    with(&[target(2024, 90_000_000), target(2025, 99_000_000)]);
    correct_april(&scene);
    assert_eq!(run(&scene).0, Publication::Published(3));
    assert_eq!(in_words(&manifest(&scene, 3).moved), ["2024-04 workbooks"]);
    with(&[target(2024, 80_000_000), target(2025, 99_000_000)]);
    let causes = held(run(&scene).0).causes;
    assert_eq!(in_words(&causes), ["2024-03 targets", "2024-04 targets"]);
}

#[test]
fn a_rollback_is_what_the_next_edition_is_held_against() {
    let scene = published();
    move_the_second_firm(&scene);
    scene.take_in();
    assert_eq!(scene.publish_because("moved"), Publication::Published(2));
    yuebao::stages::publish::editions::point_at(&scene.out(""), 1).unwrap();
    assert_eq!(run(&scene), (Publication::Unchanged(2), false), "a rollback stays");
    correct_april(&scene);
    let causes = held(run(&scene).0).causes;
    assert_eq!(in_words(&causes), ["2024-03 roster", "2024-04 workbooks roster"]);
}

#[test]
fn an_edition_of_a_program_that_kept_no_kinds_is_moved_by_the_program() {
    let scene = published();
    let path = scene.out("editions/1/manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut json: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    json.remove("kinds").unwrap();
    fs::write(&path, serde_json::to_string(&json).unwrap()).unwrap();
    correct_april(&scene);
    assert_eq!(in_words(&held(run(&scene).0).causes), ["2024-04 program"]);
}

#[test]
fn a_lake_in_which_nothing_counts_is_not_published() {
    let scene = Scene::new();
    assert_eq!(scene.publish(), Publication::NothingReported);
    // More exports than sales: refused.
    scene.drop_file("bad.xlsx", &b204_book(1, 3, [1100, -3, 900, 2600]), 2400);
    assert_eq!(run(&scene), (Publication::NothingReported, false));
    assert!(!scene.out("marts").exists() && scene.files("editions").is_empty());
    scene.drop_file("good.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2500);
    assert_eq!(run(&scene).0, Publication::Published(1));
}

#[test]
fn a_deadline_that_passes_needs_no_reason() {
    let scene = Scene::new();
    scene.drop_file("1-3.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2300);
    scene.take_in();
    let publish =
        |now: &str| scene.with_site_at(now, &|_| {}, crate::support::scene::publish).unwrap();
    // March is due by 2024-04-10, 12:00 in Changchun.
    assert_eq!(publish("2024-04-10T03:59:00Z"), Publication::Published(1));
    let before = manifest(&scene, 1);
    assert_eq!(before.made_from["last_deadline"], "2024-03-10T12:00:00+08:00");
    assert_eq!(publish("2024-04-10T03:59:30Z"), Publication::Unchanged(1));
    let after = publish("2024-04-10T04:00:00Z");
    assert!(!matches!(after, Publication::AwaitsReason(_)), "{after:?}");
}
