//! One fault of each kind, planted into a sound project.

use crate::support::scene::Scene;

/// Asserts that the faults name this file, line and words.
#[track_caller]
fn assert_fault(scene: &Scene, place: &str, words: &str) {
    let faults = scene.faults();
    let found = faults.lines().any(|line| line.starts_with(place) && line.contains(words));
    assert!(found, "no fault at `{place}` with `{words}` in:\n{faults}");
}

#[test]
fn the_small_district_is_sound() {
    assert_eq!(Scene::new().faults(), "");
}

#[test]
fn all_faults_come_at_once() {
    let scene = Scene::new();
    scene.append("jobs/pipeline.toml", "\ncolour = \"red\"\n");
    scene.append("seeds/zones.csv", "blue,,Blue\n");
    std::fs::remove_file(scene.path("seeds/calendar.csv")).unwrap();
    scene.append("jobs/schedules/intake.toml", "\nwhen = \"noon\"\n");
    let faults = scene.faults();
    let files = [
        "jobs/pipeline.toml:",
        "seeds/zones.csv:3:",
        "seeds/calendar.csv:",
        "jobs/schedules/intake.toml:",
    ];
    for file in files {
        assert!(faults.contains(file), "{file} is missing in:\n{faults}");
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &text.replace("[limits]", "[limits]\nrows = 5"));
    let line = text.lines().position(|line| line == "[limits]").unwrap() + 2;
    assert_fault(&scene, &format!("jobs/pipeline.toml:{line}:"), "rows");
}

#[test]
fn an_unknown_time_zone_names_the_nearest() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &text.replace("Asia/Shanghai", "Asia/Shangai"));
    assert_fault(&scene, "jobs/pipeline.toml", "did you mean `Asia/Shanghai`?");
}

#[test]
fn firms_and_deadlines_must_be_there_and_say_their_header_if_not() {
    let scene = Scene::new();
    std::fs::remove_file(scene.path("seeds/calendar.csv")).unwrap();
    scene.seed("firms.csv", "\n");
    assert_fault(
        &scene,
        "seeds/calendar.csv: ",
        "is missing: its header is `form,period,deadline`",
    );
    assert_fault(&scene, "seeds/firms.csv: ", "is empty: its header is `credit_code,roster_from,");
}

#[test]
fn a_spell_twice_in_any_order() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    scene.seed("firms.csv", &format!("{}\n{}\n{}\n{}\n", rows[0], rows[2], rows[1], rows[2]));
    assert_fault(&scene, "seeds/firms.csv:4:", "stands twice, first in line 2");
    scene.seed("firms.csv", &format!("{}\n{}\n{}\n", rows[0], rows[2], rows[1]));
    assert_eq!(scene.faults(), "", "rows may stand in any order");
}

#[test]
fn a_bad_credit_code_says_the_right_check_character() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &text.replace("91220106MA0000429W", "91220106MA0000429X"));
    assert_fault(&scene, "seeds/firms.csv:3:", "should end in `W`");
}

#[test]
fn seeds_refer_to_what_is_there() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &text.replacen("green", "gren", 1).replacen("B204-1", "B204-2", 1));
    assert_fault(
        &scene,
        "seeds/firms.csv:2:",
        "`gren` in `zone` is not in zones.csv; did you mean `green`?",
    );
    assert_fault(
        &scene,
        "seeds/firms.csv:2:",
        "form `B204-2` has no file in jobs/forms; did you mean `B204-1`?",
    );
}

#[test]
fn cells_of_seeds_are_checked() {
    let scene = Scene::new();
    scene.append(
        "seeds/calendar.csv",
        "B204-1,2025-01,2025-02-10T12:00:00+08:00\nB204-1,2025-13,soon\n",
    );
    assert_fault(&scene, "seeds/calendar.csv:14:", "`2025-13` in `period` is no month");
    assert_fault(&scene, "seeds/calendar.csv:14:", "`soon` in `deadline` is no instant");
}

#[test]
fn a_revenue_below_zero_is_a_fault() {
    let scene = Scene::new();
    let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let firms = firms.replacen("contact\n", "contact,annual_revenue_cny\n", 1);
    scene.seed("firms.csv", &firms.replace("B204-1,\n", "B204-1,,-5\n"));
    assert_fault(&scene, "seeds/firms.csv:2:", "`annual_revenue_cny` is negative");
}

const CHANGES: &str = "credit_code,period,kind,predecessor,approved_by\n";

#[test]
fn a_split_asks_for_the_base_of_the_firm_that_shrank() {
    let scene = Scene::new();
    let split = format!("{CHANGES}91220106MA0000437P,2024-03,split,91220106MA0000429W,局\n");
    scene.seed("restructurings.csv", &split);
    let row = "add the row `91220106MA0000429W,2024-03,base,,`";
    assert_fault(&scene, "seeds/restructurings.csv:2:", row);
    scene.seed("restructurings.csv", &format!("{split}91220106MA0000429W,2024-03,base,,局\n"));
    assert_eq!(scene.faults(), "");
}

#[test]
fn a_target_of_a_firm_names_the_code_it_ends_the_year_with() {
    let scene = Scene::new();
    let target = |code: &str| {
        format!(
            "target_id,name_zh,name_en,year,scope_kind,scope_id,form,item,kind,level_cny,growth,baseline_year,baseline_cny,source\na,甲,A,2024,firm,{code},B204-1,output,level,1.00,,,,\n"
        )
    };
    let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let firms = firms.replace("3714,3,false,2020-01,", "3714,3,false,2020-01,2024-03");
    scene.seed("firms.csv", &firms.replace("3670,3,false,2020-01", "3670,3,false,2024-04"));
    let change = "91220106MA0000437P,2024-04,code_change,91220106MA0000429W,局\n";
    scene.seed("restructurings.csv", &format!("{CHANGES}{change}"));
    scene.seed("targets.csv", &target("91220106MA0000429W"));
    assert_fault(&scene, "seeds/targets.csv:2:", "reports as `91220106MA0000437P` from 2024-04 on");
    scene.seed("targets.csv", &target("91220106MA0000437P"));
    assert_eq!(scene.faults(), "");
}

#[test]
fn a_deadline_for_a_month_nobody_files_is_a_fault() {
    let scene = Scene::new();
    scene.append("seeds/calendar.csv", "B204-1,2025-01,2025-02-10T12:00:00+08:00\n");
    assert_fault(&scene, "seeds/calendar.csv:13:", "nobody files B204-1 for 2025-01");
}

#[test]
fn targets_need_what_their_kind_needs() {
    let scene = Scene::new();
    scene.append("seeds/targets.csv", "a,甲,A,2025,district,220106,B204-1,output,level,,,,,\nb,乙,B,2025,zone,nowhere,B204-1,output,levle,1.00,,,,\n");
    assert_fault(&scene, "seeds/targets.csv:2:", "needs `level_cny`");
    assert_fault(&scene, "seeds/targets.csv:3:", "did you mean `level`?");
}

#[test]
fn a_target_nobody_could_measure_is_a_fault() {
    let scene = Scene::of_all_forms();
    scene.append("seeds/targets.csv", "a,甲,A,2025,district,220105,B204-1,output,growth,,0.05,,,\nb,乙,B,2025,district,220106,B204-1,outptu,growth,,0.05,,,\nc,丙,C,2025,district,220106,LY-02,local_purchases/purchase,ratio,,0.05,,,\nd,丁,D,2025,district,220106,B204,output,growth,,0.05,,,\n");
    assert_fault(
        &scene,
        "seeds/targets.csv:2:",
        "`220105` in `scope_id` is not this district: by `region_code` in jobs/pipeline.toml it is `220106`",
    );
    assert_fault(&scene, "seeds/targets.csv:3:", "has no item `outptu`");
    assert_fault(&scene, "seeds/targets.csv:3:", "did you mean `output`?");
    assert_fault(&scene, "seeds/targets.csv:4:", "did you mean `purchases`?");
    assert_fault(&scene, "seeds/targets.csv:5:", "did you mean `B204-1`?");
}

/// Each row of targets.csv after its id and names, with the words of its fault; none is sound.
fn assert_targets(cases: &[(&str, &str)]) {
    let scene = Scene::of_all_forms();
    let rows = cases.iter().zip(10..).map(|((row, _), id)| format!("t{id},甲,A,{row},\n"));
    scene.append("seeds/targets.csv", &rows.collect::<String>());
    let faults = scene.faults();
    for ((row, words), line) in cases.iter().zip(2..) {
        let place = format!("seeds/targets.csv:{line}:");
        let found: Vec<&str> = faults.lines().filter(|line| line.starts_with(&place)).collect();
        if words.is_empty() {
            assert!(found.is_empty(), "{row} is sound: {found:?}");
        } else {
            assert!(found.iter().any(|line| line.contains(words)), "{row}: {words}\n{faults}");
        }
    }
}

#[test]
fn item_and_kind_of_a_target_are_checked_together() {
    let whole = "2025,district,220106";
    let of = |rest: &str| format!("{whole},{rest}");
    let cases = [
        (of("B204-1,output,growth,,0.05,,"), ""),
        (of("LY-01,supply,level,1.00,,,"), ""),
        (of("LY-02,local_purchases/purchases,ratio,,0,,"), ""),
        (of("B204-1,output,ratio,,0.05,,"), "the ratio of two items"),
        (of("B204-1,output/output,ratio,,0.05,,"), "the ratio of two items"),
        (of("B204-1,sales/output/exports,ratio,,0.05,,"), "the ratio of two items"),
        (of("B204-1,sales/output,growth,,0.05,,"), "is about one item"),
        (of("B204-1,industry,growth,,0.05,,"), "has no item `industry`: output, sales, exports"),
        (of("B204-1,product,growth,,0.05,,"), "has no item `product`"),
        (of("B204-1,output,count,,,,"), "a target of kind `count` counts projects: its `form` is"),
    ];
    assert_targets(&cases.each_ref().map(|(row, words)| (row.as_str(), *words)));
}

#[test]
fn amounts_and_years_of_a_target_must_make_sense() {
    let whole = "district,220106,B204-1,output";
    let of = |year: &str, rest: &str| format!("{year},{whole},{rest}");
    let cases = [
        (of("2025", "level_and_growth,1.00,10,2023,0.01"), ""),
        (of("2025", "growth,,-0.999999,,"), ""),
        (of("2025", "level,0,,,"), "`level_cny` is 0: it must be above zero"),
        (of("2025", "growth,,-1,,"), "`growth` is -1: a fraction above -1"),
        (of("2025", "growth,,10.01,,"), "`growth` is 10.01: a fraction above -1 and not above 10"),
        (of("2025", "growth,1.00,0.05,,"), "kind `growth` has no `level_cny`"),
        (of("2025", "level,1.00,0.05,,"), "kind `level` has no `growth`"),
        (of("2025", "level,1.00,,,5.00"), "kind `level` has no `baseline_cny`"),
        (of("2025", "growth,,0.05,,-5.00"), "`baseline_cny` is -5"),
        (of("2025", "growth,,0.05,2025,"), "`baseline_year` 2025 does not come before `year` 2025"),
        (of("2025", "growth,,0.05,225,"), "`baseline_year` is 225, no year"),
        (of("20255", "growth,,0.05,,"), "`year` is 20255, no year between 2000 and 2099"),
    ];
    assert_targets(&cases.each_ref().map(|(row, words)| (row.as_str(), *words)));
    let ratio = "LY-02,local_purchases/purchases,ratio";
    let of = |rest: &str| format!("2025,district,220106,{ratio},{rest}");
    assert_targets(&[
        (&of(",1,2024,"), ""),
        (&of(",1.5,2024,"), "of a ratio, 8.5 points"),
        (&of(",0.05,2024,0.40"), "kind `ratio` has no `baseline_cny`"),
    ]);
}

#[test]
fn the_scopes_of_targets_are_those_of_the_marts() {
    let of = |scope: &str| format!("2025,{scope},B204-1,output,growth,,0.05,,");
    let leading = "leading,91220106MA00000019";
    let cases = [
        (of("district,220106"), ""),
        (of("industry,37"), ""),
        (of("size,1"), ""),
        (of("size,5"), "`5` in `scope_id` is no size"),
        (of("industry,99"), "`99` in `scope_id` is no industry of industries.csv"),
        (of("zone,nowhere"), "`nowhere` in `scope_id` is no zone of zones.csv"),
        (of("chain,nothing"), "is no chain of chains.csv"),
        (of("firm,91220106MA0000999X"), "is no firm of firms.csv"),
        (of(leading), "is no leading firm of firms.csv"),
        (
            of("city,2201"),
            "`city` in `scope_kind` is none of district, zone, chain, industry, size",
        ),
        (
            "2025,industry,37,B204-1,sales,growth,,0.05,,".to_owned(),
            "nothing is known but `output`",
        ),
        (
            "2025,industry,37,LY-02,purchases,growth,,0.05,,".to_owned(),
            "nothing is known but `output`",
        ),
    ];
    assert_targets(&cases.each_ref().map(|(row, words)| (row.as_str(), *words)));
}

#[test]
fn figures_of_the_higher_bureau_about_another_district_are_a_fault() {
    let scene = Scene::new();
    scene.seed("feedback.csv", "period,scope_kind,scope_id,item,ytd_cny,yoy_ytd\n2024-03,district,220105,output,1.00,0.01\n");
    assert_fault(&scene, "seeds/feedback.csv:2:", "`220105` in `scope_id` is not this district");
    scene.seed("feedback.csv", "period,scope_kind,scope_id,item,yoy_ytd\n2024-03,city,220010,output,0.01\n2024-04,city,220100,output,0.01\n2024-05,province,220100,output,0.01\n");
    let faults = scene.faults();
    assert!(faults.contains("csv:2: `220010` in `scope_id` is not this city: by"), "{faults}");
    assert!(faults.contains("csv:4: `220100` in `scope_id` is not this province: by"), "{faults}");
    assert!(!faults.contains("csv:3:"), "{faults}");
}

#[test]
fn a_count_is_of_projects_of_a_kind_and_asks_for_a_number() {
    let scene = Scene::of_all_forms();
    scene.ship("forms/LY-04.toml");
    scene.seed("targets.csv", "target_id,name_zh,name_en,year,scope_kind,scope_id,form,item,kind,level_count,growth\na,甲,A,2024,district,220106,LY-04,returning,count,76,\nb,乙,B,2024,chain,rail,LY-04,returned,count,76,\nc,丙,C,2024,zone,green,LY-04,returning,count,76,\nd,丁,D,2024,district,220106,LY-04,attracted,count,,0.1\n");
    let faults = scene.faults();
    assert!(!faults.contains("csv:2:"), "{faults}");
    for (line, words) in [
        (3, "`returned` in `item` is no kind of project: attracted, returning"),
        (4, "projects are counted of the `district` or a `chain`, not `zone`"),
        (5, "a target of kind `count` needs `level_count`"),
        (5, "a target of kind `count` has no `growth`"),
    ] {
        assert_fault(&scene, &format!("seeds/targets.csv:{line}:"), words);
    }
}

#[test]
fn a_qualified_firm_is_on_the_roster_or_has_its_name_there() {
    let scene = Scene::new();
    let header = "credit_code,kind,awarded_on,expires_on,firm_name";
    scene.seed("qualifications.csv", &format!("{header}\n91350100M000100Y43,绿色工厂,2023-07-01,,\n91110000101623741K,绿色工厂,2023-07-01,,示例库外企业\n91220106MA0000015Q,绿色工厂,2023-07-01,,\n91350211M0000XUF46,绿色工厂,2023-07-01,,某某\n"));
    assert_fault(
        &scene,
        "seeds/qualifications.csv:2:",
        "a firm off the roster needs its `firm_name`",
    );
    assert_fault(&scene, "seeds/qualifications.csv:5:", "wrong check character");
    let faults = scene.faults();
    assert!(!faults.contains("csv:3:") && !faults.contains("csv:4:"), "{faults}");
}

#[test]
fn none_is_no_key_of_a_zone_or_chain() {
    let scene = Scene::new();
    scene.append("seeds/zones.csv", "none,无,None\n");
    assert_fault(&scene, "seeds/zones.csv:", "`none` stands for firms outside all zones");
}

#[test]
fn a_rule_over_a_field_no_form_has() {
    let scene = Scene::of_all_forms();
    let text = std::fs::read_to_string(scene.path("jobs/rules/LY-02.toml")).unwrap();
    scene.write("jobs/rules/LY-02.toml", &text.replacen("local_purchases_", "lokal_purchases_", 1));
    assert_fault(&scene, "jobs/rules/LY-02.toml:", "lokal_purchases_");
}

#[test]
fn marts_read_tables_that_are_there_and_do_not_turn_in_circles() {
    let scene = Scene::new();
    let mart = |name: &str, reads: &str| {
        format!(
            "-- mart: {name}\n-- purpose: a test\n-- grain: zone\n-- inputs: {reads}\n-- columns:\n--   zone | code | Key | 键\nselect zone from {reads}\n"
        )
    };
    scene.write("jobs/marts/lost.sql", &mart("lost", "zonse"));
    scene.write("jobs/marts/one.sql", &mart("one", "other"));
    scene.write("jobs/marts/other.sql", &mart("other", "one"));
    assert_fault(&scene, "jobs/marts/lost.sql", "zonse");
    let faults = scene.faults();
    assert!(faults.contains("one") && faults.contains("other"), "{faults}");
    assert!(faults.to_lowercase().contains("circ") || faults.contains("→"), "{faults}");
}

#[test]
fn a_mart_over_an_unknown_column_is_found_without_data() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("jobs/marts/dim_zone.sql")).unwrap();
    scene.write(
        "jobs/marts/dim_zone.sql",
        &text.replace("select zone, name_zh", "select zone, name_cn as name_zh"),
    );
    assert_fault(&scene, "jobs/marts/dim_zone.sql", "name_cn");
}

#[test]
fn schedules_are_checked() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("jobs/schedules/intake.toml")).unwrap();
    scene.write("jobs/schedules/intake.toml", &text.replace("*/10 * * * *", "0 12 1 * MON"));
    assert_fault(
        &scene,
        "jobs/schedules/intake.toml",
        "both a day of the month and a day of the week",
    );
    scene.write("jobs/schedules/intake.toml", &text.replace("*/10 * * * *", "0 12 1"));
    assert_fault(&scene, "jobs/schedules/intake.toml", "has 3 fields");
    scene.write("jobs/schedules/intake.toml", &text.replace("*/10 * * * *", "0 25 * * *"));
    assert_fault(&scene, "jobs/schedules/intake.toml", "has hour 25: 0 to 23");
}

#[test]
fn a_folder_without_a_project_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let faults = yuebao::pipeline::open(folder.path()).unwrap_err();
    assert!(faults[0].to_string().contains("yuebao demo"), "{faults:?}");
}
