//! Plays a life: drops its workbooks into the inbox run by run, takes them in, publishes, and reads
//! the marts back.

use std::fs;
use std::time::{Duration, SystemTime};

use super::compare;
use super::founding::seeds;
use super::look;
use super::months::label;
use super::paper::Paper;
use super::story::Story;
use crate::support::scene::Scene;
use yuebao::pipeline::Site;
use yuebao::pipeline::edition::Publication;
use yuebao::pipeline::plan::Scope;

/// When every life is looked at: 2026-01-15, eight in the morning in Shanghai.
pub(super) const NOW: i64 = 1_768_435_200;

/// Plays a life through; what differs between the marts and the model.
pub(super) fn play(story: &Story) -> Vec<String> {
    let scene = Scene::shipped();
    for (name, text) in seeds(&story.town) {
        scene.seed(name, &text);
    }
    if let Some(since) = story.town.since {
        let settings = fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
        let line = format!("[district]\nsince = \"{}\"", label(since));
        scene.write("jobs/pipeline.toml", &settings.replace("[district]", &line));
    }
    if !story.town.exports_bear_base {
        let path = "jobs/forms/B204-1.toml";
        let form = fs::read_to_string(scene.path(path)).unwrap();
        scene.write(path, &form.replace("[table]", "[table]\nmeasures = [\"month\", \"ytd\"]"));
    }
    if !story.town.ly02_bears_base {
        let path = "jobs/forms/LY-02.toml";
        let form = fs::read_to_string(scene.path(path)).unwrap();
        let borne = "[sheet.measures.month]\n[sheet.measures.ytd]\n[[item]]";
        scene.write(path, &form.replacen("[[item]]", borne, 1));
    }
    scene.with_site(|site| Ok(run(story, &scene, site))).unwrap()
}

fn run(story: &Story, scene: &Scene, site: &Site<'_>) -> Vec<String> {
    let mut worlds = story.worlds.iter().peekable();
    for batch in 0..story.batches {
        drop_batch(story, scene, batch);
        crate::support::scene::take_in(site, Scope::default()).unwrap();
        let Some(world) = worlds.next_if(|world| world.upto == batch) else { continue };
        let published = crate::support::scene::publish(site).unwrap();
        if !matches!(published, Publication::Published(_)) {
            return vec![format!("after run {batch} nothing was published: {published:?}")];
        }
        let differences = compare::compare(story, world, &scene.out("marts"));
        if !differences.is_empty() {
            let mut all = vec![format!("after run {} of {}:", batch + 1, story.batches)];
            all.extend(differences);
            return all;
        }
    }
    Vec::new()
}

fn drop_batch(story: &Story, scene: &Scene, batch: usize) {
    for (place, parcel) in story.parcels.iter().enumerate() {
        let bundle = &story.bundles[parcel.bundle];
        if parcel.batch != batch || bundle.papers.is_empty() {
            continue;
        }
        let papers: Vec<&Paper> = bundle.papers.iter().map(|paper| &story.papers[*paper]).collect();
        let look = story.seed ^ u64::try_from(parcel.bundle * 7919).unwrap();
        let (name, bytes) = look::workbook(&papers, bundle.shape, &story.town, look);
        let path = scene.out("inbox").join(format!("{place:04}/{name}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let received =
            SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(parcel.at).unwrap());
        fs::File::options().write(true).open(&path).unwrap().set_modified(received).unwrap();
    }
}
