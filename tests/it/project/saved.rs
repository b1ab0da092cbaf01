//! Seeds as people and Excel save them: the same values, whatever the file looks like.

use std::fs;

use yuebao::project::Project;

use crate::support::scene::Scene;

/// The seeds of a project as they count for fingerprints.
fn fingerprint(project: &Project) -> String {
    project.texts.fingerprint(&["seeds/"])
}

fn project(scene: &Scene) -> Project {
    scene.open().unwrap_or_else(|faults| panic!("{faults:?}")).project
}

/// What the calendar's columns hold after it was read from this text.
fn calendar(text: &str) -> Vec<String> {
    let scene = Scene::new();
    scene.seed("calendar.csv", text);
    let deadlines = project(&scene).seeds.calendar.deadlines;
    deadlines.iter().map(|((form, month), at)| format!("{form} {month} {at}")).collect()
}

#[test]
fn a_seed_saved_by_excel_is_the_same_seed() {
    let scene = Scene::new();
    let before = fingerprint(&project(&scene));
    let firms = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    // Another order of columns and rows, TRUE and FALSE, months as days, empty columns and rows.
    let mut rows: Vec<String> = firms
        .lines()
        .map(|line| {
            let mut cells: Vec<&str> = line.split(',').collect();
            cells.rotate_left(3);
            cells.join(",").replace("false", "FALSE").replace("true", "TRUE") + ",,"
        })
        .collect();
    rows[1] = rows[1].replace("2020-01", "2020/1/1");
    rows[2] = rows[2].replace("2020-01", "Jan-20");
    rows[3] = rows[3].replace("2020-01", "2020年1月");
    rows[1..].reverse();
    rows.push(",,,,,,,,,,,,,".to_owned());
    let saved = format!("\u{FEFF}{}\r\n\r\n", rows.join("\r\n"));
    scene.seed("firms.csv", &saved);
    assert_eq!(fingerprint(&project(&scene)), before);
    // The same from a Chinese Excel that knows no UTF-8.
    let (bytes, ..) = encoding_rs::GB18030.encode(saved.trim_start_matches('\u{FEFF}'));
    fs::write(scene.path("seeds/firms.csv"), bytes).unwrap();
    assert_eq!(fingerprint(&project(&scene)), before);
    let roster = project(&scene).seeds.roster;
    assert!(roster.newest("91220106MA0000015Q").unwrap().is_leading);
}

#[test]
fn another_figure_is_another_seed() {
    let scene = Scene::new();
    let before = fingerprint(&project(&scene));
    scene.seed("feedback.csv", "period,scope_kind,scope_id,item,ytd_cny,yoy_ytd\n2024-07,district,220106,output,\"1,000.50\",8.5%\n");
    let with = fingerprint(&project(&scene));
    assert_ne!(with, before);
    scene.seed("feedback.csv", "period,scope_kind,scope_id,item,yoy_ytd,ytd_cny\n2024/7,district,220106,output,0.0850,1000.5\n");
    assert_eq!(fingerprint(&project(&scene)), with);
}

#[test]
fn text_that_is_no_text_is_refused_with_the_way_out() {
    let scene = Scene::new();
    // `Unicode text` of Excel is UTF-16.
    let utf16: Vec<u8> = "\u{FEFF}zone\tname".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(scene.path("seeds/zones.csv"), utf16).unwrap();
    let faults = scene.faults();
    assert!(faults.starts_with("seeds/zones.csv: is text neither in UTF-8 nor"), "{faults}");
    assert!(faults.contains("save it as `CSV UTF-8`"), "{faults}");
}

#[test]
fn months_are_read_as_long_as_they_can_be_only_one() {
    let read = |month: &str| {
        calendar(&format!("form,period,deadline\nB204-1,{month},2026-03-10T12:00:00+08:00\n"))
    };
    for month in ["2026-02", "2026-2", "2026/2", "2026/2/1", "2026-02-01", "Feb-26", "202602"] {
        assert_eq!(read(month), ["B204-1 2026-02 2026-03-10 12:00:00 +08:00"], "{month}");
    }
    for month in ["2026年2月", "２０２６年２月", "二〇二六年二月"] {
        assert_eq!(read(month), ["B204-1 2026-02 2026-03-10 12:00:00 +08:00"], "{month}");
    }
    for month in ["2026.2", "26-Feb", "2026/2/3", "46054", "2026", "2/2026"] {
        let scene = Scene::new();
        let row = format!("form,period,deadline\nB204-1,{month},2026-03-10T12:00:00+08:00\n");
        scene.seed("calendar.csv", &row);
        let wanted =
            format!("seeds/calendar.csv:2: `{month}` in `period` is no month like 2024-07");
        assert!(scene.faults().contains(&wanted), "{month}: {}", scene.faults());
        assert!(scene.faults().contains("make the column text"), "{}", scene.faults());
    }
}

#[test]
fn a_deadline_without_an_offset_is_meant_in_the_project_s_zone() {
    let read =
        |deadline: &str| calendar(&format!("form,period,deadline\nB204-1,2026-02,{deadline}\n"));
    for deadline in [
        "2026-03-10T12:00:00+08:00",
        "2026-03-10T12:00+08:00",
        "2026-03-10 12:00",
        "2026/3/10 12:00:00",
        "2026年3月10日 12:00",
    ] {
        assert_eq!(read(deadline), ["B204-1 2026-02 2026-03-10 12:00:00 +08:00"], "{deadline}");
    }
    assert_eq!(read("2026-03-10T04:00:00Z"), ["B204-1 2026-02 2026-03-10 04:00:00 +00:00"]);
    for deadline in ["2026/3/10", "10/3/2026 12:00", "2026-03-32 12:00", "noon"] {
        let scene = Scene::new();
        scene.seed("calendar.csv", &format!("form,period,deadline\nB204-1,2026-02,{deadline}\n"));
        let wanted = format!("seeds/calendar.csv:2: `{deadline}` in `deadline` is no instant");
        assert!(scene.faults().contains(&wanted), "{deadline}: {}", scene.faults());
    }
    let scene = Scene::new();
    let settings = fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &settings.replace("Asia/Shanghai", "Europe/Berlin"));
    // In the night of 29 March 2026 there is no half past two in Berlin.
    scene.seed("calendar.csv", "form,period,deadline\nB204-1,2026-02,2026-03-29 02:30\n");
    assert!(scene.faults().contains("is no instant"), "{}", scene.faults());
}

#[test]
fn days_and_truths_are_read_as_they_are_typed() {
    let scene = Scene::new();
    scene.seed(
        "qualifications.csv",
        "credit_code,kind,awarded_on,expires_on\n91220106MA0000015Q,绿色工厂,2023/7/1,2026年7月1日\n",
    );
    let table = &project(&scene).seeds.tables["qualifications"];
    assert_eq!(table.rows[0].1[2..4], ["2023-07-01", "2026-07-01"]);
    let firms = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replace(",true,", ",是,").replace(",false,", ",否,"));
    let roster = project(&scene).seeds.roster;
    let leading = roster.firms.values().filter(|spells| spells[0].is_leading).count();
    assert_eq!(leading, 1);
    scene.seed("firms.csv", &firms.replace(",true,", ",ja,"));
    assert!(scene.faults().contains("seeds/firms.csv:2: `ja` in `is_leading` is no `true` or"));
}

#[test]
fn an_industry_code_gets_its_zero_and_loses_its_letter() {
    let scene = Scene::new();
    scene.seed(
        "industries.csv",
        "industry_code,name_zh,section\n6,煤炭,B\n610,烟煤,B\nC3714,高铁设备,C\n3670,零部件,C\n",
    );
    let table = &project(&scene).seeds.tables["industries"];
    let codes: Vec<&str> = table.rows.iter().map(|(_, cells)| cells[0].as_str()).collect();
    assert_eq!(codes, ["06", "0610", "3670", "3714"]);
}

#[test]
fn what_excel_broke_is_named() {
    let scene = Scene::new();
    let firms = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replace("91220106MA0000429W", "9.11101E+17"));
    assert!(scene.faults().contains("if Excel made a number of it"), "{}", scene.faults());
    scene.seed("firms.csv", &firms.replace("示例轨道配件有限公司", "#N/A"));
    assert!(scene.faults().contains("seeds/firms.csv:3: `#N/A` in `name`"), "{}", scene.faults());
    scene.seed("firms.csv", &firms);
    scene.seed("feedback.csv", "period,scope_kind,scope_id,item,ytd_cny,yoy_ytd\n2024-07,district,220106,output,2.7E+10,\n");
    assert!(scene.faults().contains("if Excel cut it short"), "{}", scene.faults());
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for (ends, mark) in [("\n", ""), ("\r\n", ""), ("\r\n", "\u{FEFF}"), ("\n", "\u{FEFF}")] {
        let scene = Scene::new();
        let rows = [
            "zone,name_zh,name_en",
            "",
            "green,绿园,\"Green",
            "Zone\"",
            "blue,,Blue",
            "",
            ",,",
            "red,,",
        ];
        scene.seed("zones.csv", &format!("{mark}{}", rows.join(ends)));
        let faults = scene.faults();
        let of_zones = faults.lines().filter(|fault| fault.starts_with("seeds/zones.csv"));
        assert_eq!(
            of_zones.collect::<Vec<_>>(),
            [
                "seeds/zones.csv:5: `name_zh` is empty",
                "seeds/zones.csv:8: `name_en` is empty",
                "seeds/zones.csv:8: `name_zh` is empty"
            ],
            "{ends:?} {mark:?}"
        );
    }
}

#[test]
fn a_quotation_mark_that_is_not_closed_swallows_nobody_in_silence() {
    let scene = Scene::new();
    let zones = "zone,name_zh,name_en\nblue,\"蓝,Blue\ngreen,绿园,Green\n";
    scene.seed("zones.csv", zones);
    assert!(scene.faults().contains("seeds/zones.csv:2: a quotation mark"), "{}", scene.faults());
}

#[test]
fn a_cell_without_a_column_and_a_column_nobody_knows_are_faults() {
    let scene = Scene::new();
    scene.seed("zones.csv", "zone,name_zh,name_en\ngreen,绿园,Green,Zone\n");
    assert!(scene.faults().contains("seeds/zones.csv:2: `Zone` stands in a column without a name"));
    scene.seed("zones.csv", "zone,name_zh,nam_en,zone\n");
    let faults = scene.faults();
    assert!(faults.contains("seeds/zones.csv:1: column `nam_en` is none of"), "{faults}");
    assert!(faults.contains("did you mean `name_en`?"), "{faults}");
    assert!(faults.contains("seeds/zones.csv:1: column `zone` stands twice"), "{faults}");
    assert!(faults.contains("seeds/zones.csv:1: the column `name_en` is missing"), "{faults}");
}

#[test]
fn a_seed_that_may_be_empty_may_be_missing() {
    let scene = Scene::new();
    let firms = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replace(",green,rail,", ",,,"));
    for seed in ["zones", "chains", "industries", "targets", "qualifications", "feedback"] {
        let path = scene.path(&format!("seeds/{seed}.csv"));
        let header = fs::read_to_string(&path).unwrap().lines().next().unwrap().to_owned();
        fs::write(&path, header).unwrap();
    }
    let header_only = fingerprint(&project(&scene));
    for seed in ["zones", "chains", "industries", "targets", "qualifications", "feedback"] {
        fs::remove_file(scene.path(&format!("seeds/{seed}.csv"))).unwrap();
    }
    assert_eq!(fingerprint(&project(&scene)), header_only);
}

#[test]
fn what_an_open_program_keeps_beside_a_file_is_none_of_the_project_s() {
    let scene = Scene::new();
    fs::write(scene.path("seeds/~$firms.csv"), [0xFF, 0xFE]).unwrap();
    fs::write(scene.path("seeds/.~lock.firms.csv#"), [0xFF]).unwrap();
    fs::write(scene.path("jobs/.DS_Store"), [0xFF]).unwrap();
    assert_eq!(scene.faults(), "");
}
