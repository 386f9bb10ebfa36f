//! `tminus judge`: the canary statistics alone, on numbers in a file.

use std::io::Read;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::output::{print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit};
use crate::domain::judge::{Finding, Judgement, Outcome, Verdict, judge, kayenta};

mod file;

/// The largest file that is read, in bytes.
const MOST: u64 = 256 * 1024 * 1024;

/// Options of `tminus judge`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file with the numbers, JSON; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What Kayenta's NetflixACAJudge-v1.0 would say, instead of the hardened rules
    #[arg(long)]
    kayenta: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let text = read(args)?;
    let (metrics, thresholds) = file::parse(&text).map_err(|what| {
        let what = format!("{} cannot be judged: {what}", name(args));
        CliError::wrong(what, "see `tminus judge --help` and the README for the file's shape")
    })?;
    let judgement =
        if args.kayenta { kayenta::judge(&metrics, thresholds) } else { judge(&metrics, thresholds) };
    if context.global.json {
        print_json("judgement", document(&judgement, args.kayenta));
    } else {
        print(&text_of(&judgement));
    }
    Ok(match judgement.verdict {
        Verdict::Healthy => Exit::Yes,
        Verdict::Marginal | Verdict::Failing => Exit::No,
        Verdict::Inconclusive => Exit::Unknown,
    })
}

fn name(args: &Args) -> String {
    if args.file.as_os_str() == "-" { "standard input".to_owned() } else { args.file.display().to_string() }
}

fn read(args: &Args) -> Result<String, CliError> {
    let failed = |error: std::io::Error| {
        CliError::wrong(
            format!("{} cannot be read ({error})", name(args)),
            "name a file that is there, or `-`",
        )
    };
    let mut bytes = Vec::new();
    if args.file.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(&args.file).map_err(failed)?;
        file.take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > MOST {
        let what = format!("{} is larger than {} MiB", name(args), MOST / 1024 / 1024);
        return Err(CliError::wrong(what, "judge fewer samples at a time"));
    }
    String::from_utf8(bytes)
        .map_err(|_| CliError::wrong(format!("{} is not UTF-8", name(args)), "JSON is written in UTF-8"))
}

fn document(judgement: &Judgement, kayenta: bool) -> Value {
    let metrics: Vec<Value> = judgement.findings.iter().map(|finding| metric(finding, kayenta)).collect();
    let mut document = json!({
        "verdict": judgement.verdict,
        "score": judgement.score,
        "metrics": metrics,
        "why": judgement.why,
    });
    if kayenta {
        let classification = match judgement.verdict {
            Verdict::Healthy => "Pass",
            Verdict::Marginal => "Marginal",
            Verdict::Failing | Verdict::Inconclusive => "Fail",
        };
        document["classification"] = classification.into();
    }
    document
}

fn metric(finding: &Finding, kayenta: bool) -> Value {
    let companions: Vec<Value> = finding
        .companions
        .iter()
        .map(|companion| {
            json!({ "test": companion.test.word(), "p": companion.p, "detail": companion.detail })
        })
        .collect();
    let mut document = json!({
        "name": finding.name,
        "result": finding.outcome,
        "critical": finding.critical,
        "n": [finding.n.0, finding.n.1],
        "estimate": finding.estimate,
        "interval": finding.interval.map(|(low, high)| [low, high]),
        "effect": finding.effect,
        "p": finding.p,
        "e_value": finding.e_value,
        "alarm_at_look": finding.alarm_at_look,
        "companions": companions,
        "why": finding.why,
    });
    if kayenta {
        let classification = match finding.outcome {
            Outcome::Pass => "Pass",
            Outcome::High => "High",
            Outcome::Low => "Low",
            Outcome::Nodata | Outcome::Insufficient => "Nodata",
        };
        document["classification"] = classification.into();
    }
    document
}

fn text_of(judgement: &Judgement) -> String {
    let mut table = Table::new(&["RESULT", "WHY"]);
    for finding in &judgement.findings {
        let result = match finding.outcome {
            Outcome::Pass => "pass",
            Outcome::High => "high",
            Outcome::Low => "low",
            Outcome::Nodata => "no data",
            Outcome::Insufficient => "insufficient",
        };
        table.row([result, &finding.why]);
        for companion in finding.companions.iter().filter(|companion| companion.stands_out()) {
            table.row([
                "",
                &format!("{}: {} (p = {:.2e})", companion.test.word(), companion.detail, companion.p),
            ]);
        }
    }
    let verdict = judgement.verdict.word();
    let head = if judgement.findings.is_empty() { String::new() } else { table.render(Style::of_stdout()) };
    format!("{head}{verdict}: {}\n", judgement.why)
}
