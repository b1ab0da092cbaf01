//! Every fault of a TOML file names the line that has to be edited.

use yuebao::project::fault::Fault;

use crate::support::scene::Scene;

/// A slip: the file, what stands there and what is put in its place, what the line named has, and
/// words of the fault.
type Slip = (&'static str, &'static str, &'static str, &'static str, &'static str);

const SETTINGS: &str = "jobs/pipeline.toml";
const BRIEF: &str = "jobs/schedules/brief.toml";
const CLOSING: &str = "jobs/schedules/closing.toml";
const PUBLISH: &str = "jobs/schedules/publish.toml";
const REMINDERS: &str = "jobs/schedules/reminders.toml";
const FORM: &str = "jobs/forms/LY-02.toml";
const RULES: &str = "jobs/rules/LY-02.toml";

const SLIPS: [Slip; 46] = [
    (SETTINGS, "Asia/Shanghai", "Asia/Shangai", "Shangai", "did you mean `Asia/Shanghai`?"),
    (SETTINGS, "[\"zh\", \"en\"]", "[]", "locales = []", "`locales` is empty"),
    (SETTINGS, "[\"zh\", \"en\"]", "[\"zn\"]", "locales =", "zn"),
    (SETTINGS, ":8470", "", "listen =", "is no address like"),
    (SETTINGS, "\"220106\"", "\"22010\"", "region_code", "is not six digits"),
    (SETTINGS, "sheets = 64", "sheets = \"64\"", "sheets =", "invalid type"),
    (SETTINGS, "time_zone =", "timezone =", "timezone =", "timezone"),
    (SETTINGS, "sheets = 64", "", "[limits]", "sheets"),
    (SETTINGS, "listen = \"127.0.0.1:8470\"", "", "# The project", "listen"),
    (SETTINGS, "[limits]", "[limits", "[limits", "expected"),
    (BRIEF, "job = \"brief\"", "job = \"breif\"", "breif", "must bear the file's name"),
    (BRIEF, "= 95", "= 101", "firms_percent = 101", "give 1 to 100"),
    (BRIEF, "= 95", "= 95\nvalue_percent = 9", "value_percent = 9", "none or both"),
    (BRIEF, "firms_percent = 95", "", "[coverage]", "none or both"),
    (BRIEF, "firms_percent = 95", "value_percent = 9", "value_percent = 9", "needs `item`"),
    (BRIEF, "= 95", "= 95\nitem = \"output\"", "item =", "leave it out"),
    (BRIEF, "firms_percent = 95", "value_percent = 9\nitem = \"outptu\"", "outptu", "`output`?"),
    (BRIEF, "form = \"B204-1\"", "form = \"B204\"", "form = \"B204\"", "did you mean `B204-1`?"),
    (BRIEF, "priority = 7", "priority = 10", "priority", "0 (last) to 9 (first)"),
    (CLOSING, "retries = 5", "retries = 500", "retries = 500", "give 0 to 100"),
    (CLOSING, "retries = 5", "retries = -5", "retries = -5", "invalid value"),
    (CLOSING, "= 3600", "= 0", "time_out_secs", "give 1 to"),
    (CLOSING, "= 3600", "= 1\ncron = \"0 0 * * *\"", "[deadline]", "none or several"),
    (CLOSING, "[deadline]\nform = \"B204-1\"", "", "# At the deadline", "none or several"),
    (CLOSING, "form = \"B204-1\"", "form = \"B205\"", "B205", "has no file in jobs/forms"),
    (CLOSING, "\"intake\", ", "\n\"publish\",\n", "\"publish\", ", "stands twice"),
    (CLOSING, "\"all\"", "\"al\"", "\"al\"", "did you mean `all`?"),
    (PUBLISH, "30 12 * * *", "30 25 * * *", "30 25", "has hour 25: 0 to 23"),
    (PUBLISH, "# time_zone", "time_zone = \"Mars\" #", "Mars", "is no time zone"),
    (PUBLISH, "\"all\"", "\"reportin\"", "reportin", "did you mean `reporting`?"),
    (PUBLISH, "[\"intake\", \"publish\"]", "[]", "steps = []", "name at least one"),
    (PUBLISH, "[\"intake\", ", "[\n\"close\",\n", "\"close\",", "is about one month"),
    (PUBLISH, "[\"intake\", ", "[\n\"intkae\",\n", "steps = [", "did you mean `intake`?"),
    (REMINDERS, "= 2\n", "= 400\n", "days_before = 400", "give 0 to 366"),
    (REMINDERS, "= 2\n", "= 2\ndays_after = 1\n", "days_after = 1", "give one"),
    (REMINDERS, "09:00", "9:00", "at = ", "did you mean `09:00`?"),
    (FORM, "form = \"LY-02\"", "form = \"LY-03\"", "LY-03", "must bear the file's name"),
    (FORM, "unit = \"千元\"", "unit = \"吨\"", "吨", "is no unit of money"),
    (FORM, "[[item]]", "[sheet.measures.yt]\n[[item]]", "[sheet.measures.yt]", "yt"),
    (FORM, "[1]", "[\n13]", "13]", "13 is no month"),
    (FORM, "[2]", "[0]", "cumulative_months", "0 is no month"),
    (FORM, "item = \"local_purchases\"", "item = \"purchases\"", "item =", "stands twice"),
    (RULES, "form = \"LY-02\"", "form = \"LY-03\"", "LY-03", "name both alike"),
    (RULES, "severity = \"error\"", "severity = \"fatal\"", "fatal", "fatal"),
    (RULES, "fields = [\"{i}_{m}\"]", "fields = []", "id = ", "names no field"),
    ("jobs/alerts.toml", "# Where", "[[channels]]\nname = \"a\"\n#", "[[channels]]", "kind"),
];

#[test]
fn every_fault_of_a_toml_file_has_the_line_to_edit() {
    let wrong: Vec<String> = SLIPS.iter().filter_map(wrong_about).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the faults of a project with this slip.
fn wrong_about(slip: &Slip) -> Option<String> {
    let (file, from, to, marked, words) = *slip;
    let scene = Scene::of_all_forms();
    let text = std::fs::read_to_string(scene.path(file)).unwrap();
    assert!(text.contains(from), "{slip:?}");
    let text = text.replacen(from, to, 1);
    scene.write(file, &text);
    let faults = scene.open().err().unwrap_or_default();
    let is_toml = |fault: &Fault| fault.file.extension().is_some_and(|it| it == "toml");
    let is_meant = |fault: &Fault| {
        let line = fault.line.and_then(|line| text.lines().nth(line - 1));
        fault.file.as_os_str() == file
            && fault.message.contains(words)
            && line.is_some_and(|line| line.contains(marked))
    };
    let is_right = faults.iter().any(is_meant)
        && faults.iter().filter(|fault| is_toml(fault)).all(|fault| fault.line.is_some());
    (!is_right).then(|| format!("{slip:?}: {faults:?}"))
}

#[test]
fn an_unknown_key_names_the_nearest_and_all_where_they_are_few() {
    let line = |file: &str, from: &str, to: &str| {
        let scene = Scene::of_all_forms();
        let text = std::fs::read_to_string(scene.path(file)).unwrap();
        scene.write(file, &text.replacen(from, to, 1));
        scene.faults()
    };
    let cron = line(PUBLISH, "cron =", "crn =");
    assert!(cron.ends_with(":4: unknown key `crn`; did you mean `cron`?"), "{cron}");
    let few = line(BRIEF, "firms_percent =", "firm_percent =");
    let known = "none of form, firms_percent, value_percent, item; did you mean `firms_percent`?";
    assert!(few.ends_with(&format!("unknown key `firm_percent`, {known}")), "{few}");
    let word = line(RULES, "\"error\"", "\"eror\"");
    assert!(word.ends_with("did you mean `error`?"), "{word}");
    let far = line(PUBLISH, "cron =", "zzz =");
    assert!(far.contains("unknown key `zzz`, none of job, about, cron"), "{far}");
    assert!(!far.contains("did you mean"), "{far}");
}

#[test]
fn a_form_without_measures_items_or_editions_says_where_they_belong() {
    let scene = Scene::of_all_forms();
    let text = std::fs::read_to_string(scene.path(FORM)).unwrap();
    let (head, _) = text.split_once("[[item]]").unwrap();
    let (_, edition) = head.split_once("[[edition]]").unwrap();
    let (edition, _) = edition.split_once("[sheet]").unwrap();
    let bare = head.replace("[[edition]]", "").replace(edition, "\n");
    let bare = bare.replace("exempt_months", "edition = []\nexempt_months");
    let bare = format!("{bare}[sheet.measures.month]\n");
    scene.write(FORM, &bare);
    let line = |key: &str| bare.lines().position(|line| line.starts_with(key)).unwrap() + 1;
    let faults = scene.faults();
    for (line, words) in [
        (line("edition"), "names no [[edition]]"),
        (line("[sheet.measures"), "[sheet.measures.ytd] is missing"),
        (1, "nothing to read"),
    ] {
        let place = format!("{FORM}:{line}: ");
        let found = faults.lines().any(|it| it.starts_with(&place) && it.contains(words));
        assert!(found, "no fault at `{place}` with `{words}` in:\n{faults}");
    }
}
