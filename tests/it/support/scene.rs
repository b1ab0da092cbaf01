//! A small district in a folder of its own: three firms, an inbox to drop into, and `jobs/` that are the
//! shipped ones (`Scene::shipped`) or, for all that is not about marts, briefs and further forms, as
//! little as a bureau can do with (`Scene::new`): planning what is shipped takes longer than most tests.
//!
//! When a scene ends it asserts that nothing half-written is left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use yuebao::domain::partition::Partition;
use yuebao::lake::matters::{self, Matter};
use yuebao::lake::rows;
use yuebao::pipeline::edition::{self, Occasion, Publication};
use yuebao::pipeline::output::Output;
use yuebao::pipeline::plan::Scope;
use yuebao::pipeline::stop::Stop;
use yuebao::pipeline::{self, Event, Plans, RunError, Site, Workshop, intake, month};
use yuebao::project::fault::Fault;
use yuebao::project::files::Texts;

use super::kept;
use super::workbook::Book;

/// Three firms with valid codes: a leading one, an ordinary one, one without zone and chain.
pub(crate) const FIRMS: [(&str, &str); 3] = [
    ("91220106MA0000015Q", "示例龙头有限公司"),
    ("91220106MA0000429W", "示例轨道配件有限公司"),
    ("91220106MA0000437P", "示例汽车零部件有限公司"),
];

/// What every project has, as it is shipped.
const OF_ALL: [&str; 11] = [
    "alerts.toml",
    "brief/reference.docx",
    "forms/B204-1.toml",
    "forms/defaults.toml",
    "pipeline.toml",
    "rules/B204-1.toml",
    "schedules/brief.toml",
    "schedules/closing.toml",
    "schedules/intake.toml",
    "schedules/publish.toml",
    "schedules/reminders.toml",
];

/// A project and its output in a temporary folder.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
    /// The project by the fingerprint of its files.
    opened: Mutex<Option<(String, Arc<Workshop>)>>,
}

impl Scene {
    /// One form and its rules, as they are shipped, and few marts over a district of three firms.
    pub(crate) fn new() -> Self {
        let scene = Self::empty();
        for name in OF_ALL {
            scene.ship(name);
        }
        kept::copy(&district(), scene.folder.path());
        scene
    }

    /// The same with every form that is shipped, and its rules.
    pub(crate) fn of_all_forms() -> Self {
        let scene = Self::new();
        for form in ["LY-01", "LY-02"] {
            scene.ship(&format!("forms/{form}.toml"));
            scene.ship(&format!("rules/{form}.toml"));
        }
        scene
    }

    /// The shipped `jobs/` over the same district.
    pub(crate) fn shipped() -> Self {
        let scene = Self::empty();
        kept::copy(&root().join("jobs"), &scene.path("jobs"));
        kept::copy(&district().join("seeds"), &scene.path("seeds"));
        scene
    }

    /// A scene that begins as the one that `make` makes, once for all tests that ask for this name.
    pub(crate) fn like(name: &str, make: impl FnOnce() -> Self) -> Self {
        let kept = kept::once(name, |folder| kept::copy(make().folder.path(), folder));
        let scene = Self::empty();
        kept::copy(&kept, scene.folder.path());
        scene
    }

    fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), opened: Mutex::default() }
    }

    /// Adds a file of the shipped `jobs/`.
    pub(crate) fn ship(&self, name: &str) {
        let place = self.path("jobs").join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::copy(root().join("jobs").join(name), place).unwrap();
    }

    /// Replaces a file of `seeds/`.
    pub(crate) fn seed(&self, name: &str, text: &str) {
        self.write(&format!("seeds/{name}"), text);
    }

    /// Replaces a file of the project.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Appends to a file of the project.
    pub(crate) fn append(&self, path: &str, text: &str) {
        let old = fs::read_to_string(self.path(path)).unwrap();
        self.write(path, &format!("{old}{text}"));
    }

    /// Says the same in other words in the rules: every month is to be done again, no figure changes.
    pub(crate) fn touch_rules(&self) {
        let rules = "jobs/rules/B204-1.toml";
        let text = fs::read_to_string(self.path(rules)).unwrap();
        self.write(rules, &text.replacen("hint = { zh = \"", "hint = { zh = \"注意：", 1));
    }

    /// A path below the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A path below the output.
    pub(crate) fn out(&self, path: &str) -> PathBuf {
        self.path("output").join(path)
    }

    /// Drops a file into the inbox as if received so many hours after 2024-01-01.
    pub(crate) fn drop_file(&self, name: &str, bytes: &[u8], hours: u64) {
        let path = self.out("inbox").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let received = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200 + hours * 3600);
        fs::File::options().write(true).open(&path).unwrap().set_modified(received).unwrap();
    }

    /// The project, or its faults.
    pub(crate) fn open(&self) -> Result<Workshop, Vec<Fault>> {
        let mut workshop = pipeline::open(self.folder.path())?;
        workshop.plans = plans(&workshop);
        let faults = pipeline::faults_of_marts(&workshop);
        if faults.is_empty() { Ok(workshop) } else { Err(faults) }
    }

    /// The sound project, opened anew when one of its files was changed.
    fn workshop(&self) -> Arc<Workshop> {
        let now = Texts::read(self.folder.path()).unwrap().fingerprint(&[""]);
        let mut opened = self.opened.lock().unwrap();
        match opened.as_ref().filter(|(known, _)| *known == now) {
            Some((_, workshop)) => Arc::clone(workshop),
            None => Arc::clone(&opened.insert((now, Arc::new(self.open().unwrap()))).1),
        }
    }

    /// The faults as text, one a line; empty when the project is sound.
    pub(crate) fn faults(&self) -> String {
        let faults = self.open().err().unwrap_or_default();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    /// Takes the inbox in.
    pub(crate) fn take_in(&self) -> Taken {
        self.with_site(|site| take_in(site, Scope::default())).unwrap()
    }

    /// Publishes if anything changed.
    pub(crate) fn publish(&self) -> Publication {
        self.with_site(publish).unwrap()
    }

    /// Publishes for a reason.
    pub(crate) fn publish_because(&self, why: &str) -> Publication {
        let occasion = Occasion { why: Some(why.to_owned()), ..Occasion::default() };
        self.with_site(|site| edition::publish_for(site, false, &occasion)).unwrap()
    }

    /// Works at the scene as a run does.
    pub(crate) fn with_site<T>(
        &self,
        work: impl FnOnce(&Site<'_>) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        self.with_site_at("2026-01-15T00:00:00Z", &|_| {}, work)
    }

    /// Works at the scene as a run does at an instant, watched.
    pub(crate) fn with_site_at<T>(
        &self,
        now: &str,
        report: &(dyn Fn(Event) + Sync),
        work: impl FnOnce(&Site<'_>) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let workshop = self.workshop();
        let output = Output::new(self.path("output"));
        output.prepare().unwrap();
        let now: DateTime<Utc> = now.parse().unwrap();
        work(&Site { workshop: &workshop, output: &output, now, report, stop: &Stop::new() })
    }

    /// What does not count in the lake.
    pub(crate) fn matters(&self) -> Vec<Matter> {
        let (workshop, lake) = (self.workshop(), self.out("lake"));
        matters::of(&workshop.project, &lake, &rows::all(&lake).unwrap()).unwrap()
    }

    /// Every file below a folder of the output with its bytes.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        snapshot(&self.out(folder))
    }
}

/// What a run did to the lake.
#[derive(Debug)]
pub(crate) struct Taken {
    /// What came in.
    pub(crate) received: intake::Received,
    /// The partitions brought up to date, and what they hold now.
    pub(crate) months: BTreeMap<Partition, month::Outcome>,
}

/// Takes in the inbox and brings every stale month of the scope up to date.
pub(crate) fn take_in(site: &Site<'_>, scope: Scope) -> Result<Taken, RunError> {
    let (received, books) = pipeline::receive(site)?;
    Ok(Taken { received, months: pipeline::bring_up_to_date(site, scope, books)? })
}

/// Publishes an edition if anything changed, for no particular reason.
pub(crate) fn publish(site: &Site<'_>) -> Result<Publication, RunError> {
    edition::publish_for(site, false, &Occasion::default())
}

/// The folder of the program.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The small district: its seeds, and marts and templates as few as they can be.
pub(super) fn district() -> PathBuf {
    root().join("tests/it/support/district")
}

/// The plans of the same marts, made once for all tests of a process.
fn plans(workshop: &Workshop) -> Plans {
    static KNOWN: Mutex<BTreeMap<String, Plans>> = Mutex::new(BTreeMap::new());
    let marts = workshop.project.texts.fingerprint(&["jobs/marts/"]);
    Arc::clone(KNOWN.lock().unwrap().entry(marts).or_default())
}

impl Drop for Scene {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let left: Vec<String> = snapshot(&self.path("output"))
            .into_keys()
            .filter(|name| name.contains(".unfinished-"))
            .collect();
        assert!(left.is_empty(), "left half-written: {left:?}");
    }
}

/// Every file below a folder with its bytes; links are not followed.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = yuebao::files::list_deep(folder).unwrap();
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    files.into_iter().map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

/// Asserts that two folders hold the same files with the same bytes, and names those that differ.
#[track_caller]
pub(crate) fn assert_same(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other));
    let differing: Vec<_> =
        one.iter().filter(|(name, bytes)| other[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "these differ: {differing:?}");
}

/// A filled B204-1 in 千元: month, year to date and the same of last year; sales equal output.
pub(crate) fn b204(firm: usize, month: u32, figures: [i64; 4]) -> String {
    let (code, name) = FIRMS[firm];
    let industry = if firm == 2 { "3670" } else { "3714" };
    let [now, ytd, prior, prior_ytd] = figures;
    let row = format!("{now}|{ytd}|{prior}|{prior_ytd}");
    format!(
        "工业产销总值及主要产品产量
|||||表    号：B 2 0 4 - 1 表
|||||制定机关：国 家 统 计 局
统一社会信用代码：{code}|||||文    号：国统字〔2023〕88号
单位详细名称：{name}|||2024 年 {month} 月
指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
甲|乙|丙|1|2|3|4
一、工业总产值(当年价格)|千元|'01|{row}
    工业销售产值(当年价格)|千元|'03|{row}
      其中:出口交货值|千元|'04|0|0|0|0
二、工业总产值(当年价格)按工业行业小类分|-|-
行业|千元|'{industry}|{row}
三、主要工业产品产量
单位负责人：||统计负责人：
核实说明："
    )
}

/// The same as a workbook.
pub(crate) fn b204_book(firm: usize, month: u32, figures: [i64; 4]) -> Vec<u8> {
    Book::of(&b204(firm, month, figures))
}
