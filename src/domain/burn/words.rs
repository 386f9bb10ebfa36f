//! Burn in words: the same on screen, in text and in JSON.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Caused, Exhaustion, Firing, Judged, Outlook, Row, Severity, Standing, period, words};
use crate::domain::format;
use crate::domain::service::Slo;

/// Below this part of the total a release is not what spends the budget.
const SMALL_PART: f64 = 0.1;
/// Above this one it is most of it.
const LARGE_PART: f64 = 0.5;

/// A burn: `14.4`, `0.8`, `0`.
pub fn burn(value: f64) -> String {
    match value {
        value if value >= 99.95 => format!("{value:.0}"),
        0.0 => "0".to_owned(),
        value if value < 0.05 => "<0.1".to_owned(),
        value => format!("{value:.1}"),
    }
}

/// What is left of the budget: `71 % left`, `spent, 12 % over`, `71 % left by 2 of 30 days`.
pub fn left(outlook: &Outlook) -> String {
    if let Some((recorded, left)) = outlook.partly {
        let known = recorded.words();
        return match left {
            // Nothing spent in what is known is no whole budget.
            1.0 => format!("not known: nothing spent in {known}"),
            left if left > 0.0 => format!("{} left by {known}", format::share(left)),
            left => format!("overspent by {:.0} % at the rate of {known}", (-left * 100.0).max(1.0)),
        };
    }
    match outlook.left {
        Ok(left) if left > 0.0 => format!("{} left", format::share(left)),
        Ok(0.0) => "spent".to_owned(),
        Ok(left) => format!("spent, {:.0} % over", (-left * 100.0).max(1.0)),
        Err(why) => format!("not known: {why}"),
    }
}

/// Until when it lasts, in a zone: `lasts until Wed 25 Nov 14:00 CET`.
pub fn exhaustion(outlook: &Outlook, now: DateTime<Utc>, zone: Tz) -> String {
    match outlook.exhaustion {
        Exhaustion::Spent => "spent".to_owned(),
        Exhaustion::Never => "never at this rate".to_owned(),
        Exhaustion::At(at) => {
            let length = format::age(at - now);
            format!("gone in {length}, {}", format::local_time(at, zone))
        }
        Exhaustion::Unknown => "not known until when".to_owned(),
    }
}

/// One line for a service: what pages first, then the two page rows, then the budget.
pub fn summary(judged: &[Judged], outlook: &Outlook) -> String {
    let mut parts = Vec::new();
    for judged in judged.iter().filter(|judged| judged.row.severity == Severity::Page) {
        let long = match judged.long {
            Ok(value) => words::burn(value),
            Err(_) => "?".to_owned(),
        };
        let mark = if judged.firing == Firing::Fires { " fires" } else { "" };
        parts.push(format!("{} {long}{mark}", window(judged.row)));
    }
    for judged in judged {
        if judged.firing == Firing::Fires && judged.row.severity == Severity::Ticket {
            parts.push(format!("{} {} ticket", window(judged.row), words::burn(judged.long.unwrap_or(0.0))));
        }
    }
    parts.push(format!("budget {}", left(outlook)));
    parts.join(" · ")
}

/// The long window of a row, for people: `1 h`, `3 d`.
pub fn window(row: Row) -> &'static str {
    use super::Window::{Day1, Days3, Hour1, Hours2, Hours6, Minutes5, Minutes30, Period};
    match row.long {
        Minutes5 => "5 m",
        Minutes30 => "30 m",
        Hour1 => "1 h",
        Hours2 => "2 h",
        Hours6 => "6 h",
        Day1 => "1 d",
        Days3 => "3 d",
        Period => "period",
    }
}

/// Whether the release is to blame, against the total burn of the same minutes.
pub fn blame(caused: Option<&Caused>, total: Option<f64>, to: &str, from: Option<&str>) -> String {
    let Some(from) = from else {
        return format!("not told apart: nothing runs beside {to} to compare it with");
    };
    let Some(caused) = caused else {
        return format!("not told apart: the errors of {to} or of {from} are not known");
    };
    let shares = format!(
        "{to} fails {}, {from} {}",
        format::value(caused.canary, Some("ratio")),
        format::value(caused.stable, Some("ratio"))
    );
    let own = burn(caused.burn);
    match total {
        _ if caused.burn == 0.0 => format!("not from this release: {shares}"),
        None => format!("{own} from this release: {shares}"),
        // The two numbers come from different queries, and need not fit to the last digit.
        Some(total) if caused.burn >= total * LARGE_PART => {
            format!("{own} of {} from this release: {shares}", burn(total.max(caused.burn)))
        }
        Some(total) if caused.burn >= total * SMALL_PART => {
            format!("{own} of {} from this release, the rest is not: {shares}", burn(total))
        }
        Some(total) => format!("mostly not from this release, {own} of {}: {shares}", burn(total)),
    }
}

/// Why a row is as it is, as a sentence.
pub fn row(slo: &Slo, judged: &Judged) -> String {
    let threshold = burn(judged.threshold);
    let Row { long, short, severity, budget } = judged.row;
    let (long, short) = (long.written(slo), short.written(slo));
    match (judged.firing, judged.long, judged.short) {
        (Firing::Never, ..) => {
            format!("can never fire: no burn exceeds {threshold} at an objective of {} %", slo.objective)
        }
        (Firing::Fires, Ok(a), Ok(b)) => format!(
            "{}: {} over {long} and {} over {short} exceed {threshold}, {:.0} % of the budget in {long}",
            severity.word(),
            burn(a),
            burn(b),
            budget * 100.0
        ),
        (_, Ok(a), Ok(b)) => {
            format!("quiet: {} over {long} and {} over {short}, fires above {threshold}", burn(a), burn(b))
        }
        _ => {
            let (window, why) = judged.unknown().unwrap_or((judged.row.short, super::Unknown::Unanswered));
            format!("not known: {}: {why}", window.written(slo))
        }
    }
}

/// The same where the numbers stand beside it.
pub fn row_beside_numbers(slo: &Slo, judged: &Judged) -> String {
    let threshold = burn(judged.threshold);
    match judged.firing {
        Firing::Fires => format!("both above {threshold}"),
        Firing::Quiet => format!("quiet, fires above {threshold}"),
        Firing::Never | Firing::Unknown => row(slo, judged),
    }
}

/// What a workspace says that can never page, to be told when it is read.
pub fn never(slo: &Slo) -> Option<String> {
    let rows = super::rows_that_cannot_fire(slo);
    let lowest = rows.iter().map(|row| row.lowest_objective(period(slo))).fold(f64::NAN, f64::max);
    let highest = rows.iter().map(|row| row.long.written(slo)).collect::<Vec<_>>();
    (!rows.is_empty()).then(|| {
        format!(
            "at an objective of {} % burn cannot exceed {}, so the rows over {} can never fire: \
             an objective above {:.2} % lets all of them",
            slo.objective,
            burn(super::most_burn(slo)),
            highest.join(" and "),
            // Rounded up: at the rounded number it must be true.
            (lowest * 100.0).ceil() / 100.0,
        )
    })
}

/// The sign of a standing, where every colour has one.
pub fn sign(standing: Standing) -> &'static str {
    match standing {
        Standing::Quiet => "●",
        Standing::Unknown => "◌",
        Standing::Ticket => "▲",
        Standing::Page => "✖",
    }
}
