//! A small district in a folder of its own: shipped `jobs/`, three firms, an inbox to drop into.
//!
//! When a scene ends it asserts that nothing half-written is left behind.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use yuebao::lake::matters::{self, Matter};
use yuebao::lake::rows;
use yuebao::pipeline::edition::{self, Occasion, Publication};
use yuebao::pipeline::output::Output;
use yuebao::pipeline::plan::Scope;
use yuebao::pipeline::stop::Stop;
use yuebao::pipeline::{self, Event, Plans, RunError, Site, Taken, Workshop};
use yuebao::project::fault::Fault;
use yuebao::project::files::Texts;

use super::workbook::Book;

/// Three firms with valid codes: a leading one, an ordinary one, one without zone and chain.
pub(crate) const FIRMS: [(&str, &str); 3] = [
    ("91220106MA0000015Q", "示例龙头有限公司"),
    ("91220106MA0000429W", "示例轨道配件有限公司"),
    ("91220106MA0000437P", "示例汽车零部件有限公司"),
];

const FIRMS_CSV: &str = "credit_code,name,zone,chain,industry_code,size_class,is_leading,roster_from,roster_to,base_rule,forms,contact
91220106MA0000015Q,示例龙头有限公司,green,rail,3714,1,true,2020-01,,keep,B204-1,
91220106MA0000429W,示例轨道配件有限公司,green,rail,3714,3,false,2020-01,,keep,B204-1,
91220106MA0000437P,示例汽车零部件有限公司,,,3670,3,false,2020-01,,keep,B204-1,
";

/// The output of a scene with an edition: its files and what the link of the readers points at.
pub(crate) struct Kept {
    files: BTreeMap<String, Vec<u8>>,
    marts: PathBuf,
}

/// A project and its output in a temporary folder.
pub(crate) struct Scene {
    folder: tempfile::TempDir,
    /// The project by the fingerprint of its files.
    opened: Mutex<Option<(String, Arc<Workshop>)>>,
}

impl Scene {
    /// The shipped `jobs/` over a district of three firms.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        copy(&root.join("jobs"), &folder.path().join("jobs"));
        let scene = Self { folder, opened: Mutex::default() };
        scene.seed("firms.csv", FIRMS_CSV);
        scene.seed("zones.csv", "zone,name_zh,name_en\ngreen,绿园经济开发区,Green Zone\n");
        scene.seed("chains.csv", "chain,name_zh,name_en\nrail,轨道交通,Rail\n");
        scene.seed(
            "industries.csv",
            "industry_code,name_zh,section\n3670,汽车零部件,C\n3714,高铁设备,C\n",
        );
        scene.seed("calendar.csv", &calendar());
        scene.seed("targets.csv", "target_id,name_zh,name_en,year,scope_kind,scope_id,form,item,kind,level_cny,growth,baseline_year,baseline_cny,source\n");
        scene.seed("qualifications.csv", "credit_code,kind,awarded_on,expires_on\n");
        scene.seed("feedback.csv", "period,scope_kind,scope_id,item,ytd_cny,yoy_ytd\n");
        scene
    }

    /// The output of a scene, to lay it out in others that begin like it.
    pub(crate) fn keep(&self) -> Kept {
        Kept { files: self.files(""), marts: fs::read_link(self.out("marts")).unwrap() }
    }

    /// A scene with an output that was kept.
    pub(crate) fn with(kept: &Kept) -> Self {
        let scene = Self::new();
        for (name, bytes) in &kept.files {
            let path = scene.out(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        std::os::unix::fs::symlink(&kept.marts, scene.out("marts")).unwrap();
        scene
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
        self.with_site(|site| pipeline::take_in(site, Scope::default())).unwrap()
    }

    /// Publishes if anything changed.
    pub(crate) fn publish(&self) -> Publication {
        self.with_site(|site| edition::publish(site, false)).unwrap()
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

/// Copies a folder with all in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    for (name, bytes) in snapshot(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn calendar() -> String {
    let mut text = "form,period,deadline\n".to_owned();
    for month in 2..=12 {
        let (year, next) = if month == 12 { (2025, 1) } else { (2024, month + 1) };
        writeln!(text, "B204-1,2024-{month:02},{year}-{next:02}-10T12:00:00+08:00").unwrap();
    }
    text
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
