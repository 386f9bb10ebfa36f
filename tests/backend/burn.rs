//! A real Prometheus: the burn of an objective during the bad hour, and after it.

use chrono::{DateTime, TimeDelta, Utc};
use tminus::backend::Backends;
use tminus::domain::burn::{self, Exhaustion, Firing, Known, Standing, Window};
use tminus::domain::service::Slo;
use tminus::domain::{Answer, Question};

use super::servers::{BAD, GOOD, HISTORY, Servers};

/// The share of requests that goes to the bad version while it runs: two of eight instances.
const PART: f64 = 0.25;

/// 99.9 % of checkout's requests over 30 days.
pub fn objective() -> Slo {
    let rate = |more: &str| {
        format!(
            "sum(rate(http_requests_total{{service=\"{{{{service}}}}\",env=\"{{{{environment}}}}\",\
             region=~\"{{{{region}}}}\",version=~\"{{{{version}}}}\"{more}}}[{{{{window}}}}]))"
        )
    };
    Slo { objective: 99.9, window_days: 30.0, errors: rate(",code=~\"5..\""), total: rate("") }
}

async fn known(backends: &Backends, version: Option<&str>, at: DateTime<Utc>) -> Known {
    let mut known = Known::default();
    for question in burn::query::questions("checkout", Some("production")) {
        let Question::Burn { service, environment, part, .. } = question else { panic!("{question:?}") };
        let question = Question::Burn { service, environment, version: version.map(str::to_owned), part };
        match backends.answer(&question, at).await {
            Ok(Answer::Burned(burned)) => known.take(&burned),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(known.why, None);
    known
}

pub async fn how_fast_the_budget_goes(backends: &Backends, servers: &Servers) {
    let at = |seconds: u64| DateTime::from_timestamp(seconds as i64, 0).unwrap();
    let slo = objective();
    let near = |found: f64, wanted: f64| {
        assert!((found / wanted - 1.0).abs() < 0.05, "burn {found}, wanted {wanted}");
    };
    // What fails while the bad version runs, as a burn: (0.25·0.18 + 0.75·0.002) / 0.001 = 46.5.
    let bad = (PART * BAD + (1.0 - PART) * GOOD) / 0.001;
    let good = GOOD / 0.001;

    // Fifty minutes into the bad hour.
    let now = at(servers.bad_from + 50 * 60);
    let found = known(backends, None, now).await;
    let readings = &found.readings;
    let burn = |window: Window| burn::burn(&slo, readings.get(&window)).unwrap();
    near(burn(Window::Minutes5), bad);
    near(burn(Window::Minutes30), bad);
    near(burn(Window::Hour1), (50.0 * bad + 10.0 * good) / 60.0);
    near(burn(Window::Hours2), (50.0 * bad + 70.0 * good) / 120.0);
    let account = burn::account(&slo, &found, now);
    assert_eq!(account.standing, Standing::Page);
    assert_eq!(account.judged[0].firing, Firing::Fires);

    // By version: all of it is the new one's.
    let alone = async |version: &str| {
        let readings = known(backends, Some(version), now).await.readings;
        burn::burn(&slo, readings.get(&Window::Minutes30)).unwrap() * burn::allowed(&slo)
    };
    let (canary, stable) = (alone("4.2.0").await, alone("4.1.3").await);
    let caused = burn::caused(&slo, Some(canary), Some(stable), PART).unwrap();
    near(caused.burn, PART * (BAD - GOOD) / 0.001);

    // Two hours after it was brought back: the page is over, the budget is gone.
    let now = at(servers.end);
    let found = known(backends, None, now).await;
    let account = burn::account(&slo, &found, now);
    assert_eq!(account.judged[0].firing, Firing::Quiet, "{:?}", account.judged[0]);
    near(account.last_hour().unwrap(), good);
    let hours = HISTORY as f64 / 3600.0;
    // Six hours of thirty days are recorded: what is left of the period nobody can tell.
    assert!(account.outlook.left.is_err());
    let (recorded, left) = account.outlook.partly.unwrap();
    near(1.0 - left, (bad + (hours - 1.0) * good) / hours);
    assert!((recorded.days - hours / 24.0).abs() <= 0.25 && recorded.of == 30.0, "{recorded:?}");
    assert_eq!(account.outlook.exhaustion, Exhaustion::Unknown);
    let said = burn::words::left(&account.outlook);
    assert!(said.contains("of 30 days") && said.starts_with("overspent by"), "{said}");

    // An objective of four hours is known whole.
    let short = Slo { window_days: 4.0 / 24.0, ..slo.clone() };
    let whole = known(&super::real::with_objective(servers, short.clone()), None, now).await;
    let account = burn::account(&short, &whole, now);
    assert_eq!((whole.recorded, account.outlook.partly), (None, None));
    assert_eq!(account.outlook.exhaustion, Exhaustion::Spent);

    // Before anything was scraped nothing is known, and nothing is quiet.
    let before = now - TimeDelta::days(60);
    let account = burn::account(&slo, &known(backends, None, before).await, before);
    assert_eq!(account.standing, Standing::Unknown);
    assert_eq!(account.outlook.exhaustion, Exhaustion::Unknown);
}
