//! `demo`: a sample district from nothing to a published brief.

use std::process::ExitCode;

use super::progress::TerminalProgress;
use super::session::CliSession;
use super::{CliError, interrupt, output, run};
use crate::domain::period::Period;
use crate::pipeline::{Event, Step as Piece};
use crate::project::defaults;
use crate::project::schedules::Step;
use crate::stages::publish::{editions, pages};

/// The month whose brief the source article's figures come from.
const BRIEF_OF: (i32, u32) = (2024, 7);

#[derive(Debug, clap::Args)]
pub(super) struct DemoArguments {
    /// Only write the sample workbooks into the inbox. 仅生成示例工作簿
    #[arg(long)]
    workbooks_only: bool,
}

pub(super) fn run(session: &CliSession, command: &DemoArguments) -> Result<ExitCode, CliError> {
    if defaults::lay_out(&session.root)? {
        let root = session.root.canonicalize().unwrap_or_else(|_| session.root.clone());
        // Its settings are the shipped ones: they are read only now that they are there.
        output::print(&session.fill("demo.laid_out", &[("folder", &root.display())]));
    }
    let workshop = session.sound_workshop()?;
    let district = &workshop.project.settings.district;
    if !district.is_synthetic {
        return Err(CliError::Call(
            "this project is not the sample (`is_synthetic = false` in jobs/pipeline.toml): the demo would mix made-up workbooks with real ones; run it in an empty folder with --project".to_owned(),
        ));
    }
    interrupt::says("what was done stays, `yuebao demo` goes on");
    let lock = session.lock("demo")?;
    let progress = TerminalProgress::new(session.locale());
    progress.report(Event::Began { step: Piece::Writing, pieces: 1 });
    let seeds = &workshop.project.seeds;
    let written = crate::demo::write(&session.output.inbox(), &seeds.roster, &seeds.calendar)?;
    progress.report(Event::Ended);
    output::print(&session.fill("demo.written", &[("files", &written)]));
    drop(lock);
    if command.workbooks_only {
        return Ok(ExitCode::SUCCESS);
    }
    let steps = [Step::Intake, Step::Publish];
    let report = run::carry_out(session, &workshop, &run::asked(None, &steps))?;
    output::print(&run::report_text(session, &report, session.said("run.up_to_date")));
    if let Some(edition) = report.edition {
        let period = Period::new(BRIEF_OF.0, BRIEF_OF.1).map(|it| it.to_string());
        let name = format!("brief-{}", period.unwrap_or_default());
        let folder = editions::folder(session.output.root(), edition).join(pages::FOLDER);
        let brief = crate::files::read(&folder.join(format!("{name}.md")))?;
        output::print(&format!("\n{}", String::from_utf8_lossy(&brief)));
        let page = folder.join(format!("{name}.html"));
        output::print(&session.fill("demo.page", &[("page", &page.display())]));
    }
    Ok(run::exit_code(&report))
}
