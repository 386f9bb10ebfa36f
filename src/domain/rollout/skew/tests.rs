use chrono::TimeDelta;

use super::*;
use crate::domain::question::ShareLine;
use crate::domain::samples;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

/// Points every ten minutes up to 100; a line is a region, a version and a hex digit a point (`.`: no data).
fn history(lines: &[(&str, &str, &str)]) -> RunningHistory {
    let points = lines[0].2.len() as i64;
    RunningHistory {
        times: (0..points).map(|point| at(100 - (points - 1 - point) * 10)).collect(),
        lines: lines
            .iter()
            .map(|(region, version, text)| ShareLine {
                service: "checkout".to_owned(),
                region: Some((*region).to_owned()).filter(|region| !region.is_empty()),
                version: (*version).into(),
                counts: text.chars().map(|digit| digit.to_digit(16).map(f64::from)).collect(),
            })
            .collect(),
        warnings: Vec::new(),
    }
}

fn release(version: &str, stages: &[(&str, Option<&str>, i64, i64)]) -> Release {
    let stages = stages.iter().map(|(environment, region, start, end)| Stage {
        region: region.map(Into::into),
        start: at(*start),
        end: at(*end),
        ..samples::stage(environment, "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z")
    });
    samples::release(&format!("checkout-{version}"), &[("checkout", version)], stages.collect())
}

fn map(environments: &[(&str, Option<RunningHistory>)], releases: &[Release]) -> Skew {
    let sources: Vec<Source<'_>> = environments
        .iter()
        .map(|(environment, history)| Source { environment, history: history.as_ref() })
        .collect();
    skew(&sources, releases, at(100))
}

/// Kind, version, place and minutes since.
fn found(map: &Skew) -> Vec<(&'static str, String, String, i64)> {
    let row = |finding: &Finding| {
        let since = (at(100) - instant_of(finding.since)).num_minutes();
        (finding.word(), finding.version.to_string(), finding.place.words(), since)
    };
    map.findings.iter().map(row).collect()
}

fn one(
    kind: &'static str,
    version: &str,
    place: &str,
    since: i64,
) -> Vec<(&'static str, String, String, i64)> {
    vec![(kind, version.to_owned(), place.to_owned(), since)]
}

#[test]
fn the_map_counts_each_version_at_each_place_and_unknown_is_not_nothing() {
    let staging = history(&[("", "4.2.0", "2222")]);
    let production = history(&[("eu", "4.1.3", "8866"), ("eu", "4.2.0", "..22"), ("us", "4.1.3", "4...")]);
    let map = map(&[("staging", Some(staging)), ("production", Some(production)), ("dr", None)], &[]);
    let places: Vec<_> = map.places.iter().map(Place::words).collect();
    assert_eq!(places, ["staging", "production · eu", "production · us", "dr"]);
    let rows: Vec<_> = map.rows.iter().map(|row| (row.version.as_str(), row.counts.clone())).collect();
    assert_eq!(
        rows,
        [
            ("4.2.0", vec![Some(2.0), Some(2.0), None, None]),
            ("4.1.3", vec![Some(0.0), Some(6.0), None, None])
        ],
        "us was last counted three points ago, and of dr nobody said anything"
    );
    assert_eq!(map.findings, []);
}

#[test]
fn a_version_no_release_brings_is_astray_where_it_came_lately() {
    let releases = [release("4.1.3", &[("production", None, -500, -400)])];
    let came = history(&[("eu", "4.1.3", "8888877777"), ("eu", "4.9.9", ".....11111")]);
    assert_eq!(
        found(&map(&[("production", Some(came))], &releases)),
        one("no-release", "4.9.9", "production · eu", 40)
    );
    let always = history(&[("eu", "4.9.9", "8888888888")]);
    assert_eq!(found(&map(&[("production", Some(always))], &releases)), []);
    // A rollback brings back what ran before: that is no new version.
    let back = history(&[("eu", "4.0.0", "8880008888"), ("eu", "4.1.3", "0008880000")]);
    assert_eq!(found(&map(&[("production", Some(back))], &releases)), []);
}

#[test]
fn a_version_where_its_release_does_not_bring_it_or_not_yet() {
    let staging = || history(&[("", "4.2.0", "2222222222")]);
    let production = || history(&[("us", "4.1.3", "8888888000"), ("us", "4.2.0", ".......888")]);
    let before = release("4.1.3", &[("production", None, -500, -400)]);
    let places = [("staging", Some(staging())), ("production", Some(production()))];
    let eu = release("4.2.0", &[("staging", None, 0, 60), ("production", Some("eu"), 60, 120)]);
    let astray = map(&places, &[before.clone(), eu]);
    assert_eq!(found(&astray), one("elsewhere", "4.2.0", "production · us", 20));
    let later = release("4.2.0", &[("staging", None, 0, 60), ("production", Some("us"), 300, 400)]);
    let early = map(&places, &[before.clone(), later]);
    assert_eq!(found(&early), one("early", "4.2.0", "production · us", 20));
    let now = release("4.2.0", &[("staging", None, 0, 60), ("production", Some("us"), 70, 200)]);
    assert_eq!(found(&map(&places, &[before, now])), []);
}

#[test]
fn an_environment_before_the_first_stage_is_where_a_version_is_tried() {
    let tried = history(&[("", "4.1.3", "222222...."), ("", "4.3.0", "......2222")]);
    let releases = [
        release("4.1.3", &[("test", None, -900, -800), ("production", None, -500, -400)]),
        release("4.3.0", &[("production", None, 900, 990)]),
    ];
    let production = history(&[("", "4.1.3", "8888888888")]);
    let map = map(&[("test", Some(tried)), ("production", Some(production))], &releases);
    assert_eq!(found(&map), []);
}

#[test]
fn a_stage_left_out_is_seen_by_what_runs_there() {
    let release = [release("4.2.0", &[("staging", None, 0, 60), ("production", None, 60, 190)])];
    let production = || history(&[("", "4.1.3", "8888888886"), ("", "4.2.0", ".........2")]);
    let old = history(&[("", "4.1.3", "2222222222")]);
    let skipped = map(&[("staging", Some(old)), ("production", Some(production()))], &release);
    assert_eq!(found(&skipped), one("skipped", "4.2.0", "production", 0));
    let gone_on = history(&[("", "4.3.0", "2222222222")]);
    assert_eq!(found(&map(&[("staging", Some(gone_on)), ("production", Some(production()))], &release)), []);
    assert_eq!(found(&map(&[("staging", None), ("production", Some(production()))], &release)), []);
}

#[test]
fn a_few_left_behind_are_stuck_once_nothing_moves_longer_than_the_plan_waits() {
    let stuck = || history(&[("eu", "4.1.3", "ff82111111"), ("eu", "4.2.0", "..8eeeeeee")]);
    let found_in = |releases: &[Release]| found(&map(&[("production", Some(stuck()))], releases));
    assert_eq!(found_in(&[]), one("stuck", "4.1.3", "production · eu", 50));
    // A step near that share that soaks for two hours is no trouble.
    let mut planned = release("4.2.0", &[("production", None, 0, 300)]);
    planned.stages[0].steps = vec![50.0, 93.3, 100.0];
    planned.stages[0].soak = Some(TimeDelta::hours(2));
    assert_eq!(found_in(&[planned.clone()]), []);
    planned.stages[0].soak = Some(TimeDelta::minutes(20));
    assert_eq!(found_in(&[planned]).len(), 1);
}

#[test]
fn a_half_finished_region_is_stuck_once_another_has_long_finished_and_its_stage_is_over() {
    let both = || {
        history(&[
            ("eu", "4.2.0", "0888888888"),
            ("eu", "4.1.3", "8000000000"),
            ("us", "4.2.0", "0444444444"),
            ("us", "4.1.3", "8444444444"),
        ])
    };
    let found_with = |end| {
        let release = release("4.2.0", &[("production", None, 0, end)]);
        found(&map(&[("production", Some(both()))], &[release]))
    };
    assert_eq!(found_with(90), one("stuck", "4.1.3", "production · us", 80));
    assert_eq!(found_with(200), []);
}

#[test]
fn a_region_nobody_plans_to_bring_along_is_behind() {
    let both = || {
        history(&[
            ("eu", "4.2.0", "0888888888"),
            ("eu", "4.1.3", "8000000000"),
            ("us", "4.1.3", "8888888888"),
        ])
    };
    let eu = ("production", Some("eu"), 0, 60);
    let alone = map(&[("production", Some(both()))], &[release("4.2.0", &[eu])]);
    assert_eq!(found(&alone), one("behind", "4.1.3", "production · us", 80));
    let follows = release("4.2.0", &[eu, ("production", Some("us"), 400, 500)]);
    assert_eq!(found(&map(&[("production", Some(both()))], &[follows])), []);
}

#[test]
fn three_versions_at_once_are_a_mixed_fleet() {
    let three = history(&[("", "1.0.0", "4444"), ("", "1.1.0", "4444"), ("", "1.2.0", "..11")]);
    let map = map(&[("production", Some(three))], &[]);
    assert_eq!(map.findings[0].kind, Kind::Mixed { versions: 3 });
    assert_eq!(map.findings[0].version.as_str(), "1.2.0");
}

#[test]
fn a_service_whose_lines_hold_no_number_is_not_known_to_run_nowhere() {
    let silent = history(&[("eu", "4.1.3", "8888"), ("us", "4.1.3", "....")]);
    let map = map(&[("production", Some(silent))], &[]);
    assert_eq!(map.rows[0].counts, [Some(8.0), None]);
}

#[test]
fn what_comes_a_little_early_or_to_half_of_a_stage_before_is_not_astray() {
    let came = || history(&[("", "4.1.3", "8888888886"), ("", "4.2.0", ".........2")]);
    let before = release("4.1.3", &[("production", None, -500, -400)]);
    let found_at = |start| {
        let release = release("4.2.0", &[("production", None, start, start + 60)]);
        found(&map(&[("production", Some(came()))], &[before.clone(), release]))
    };
    assert_eq!(found_at(110), []);
    assert_eq!(found_at(120), one("early", "4.2.0", "production", 0));
    // Staging has begun to run it: it was not left out.
    let halfway = history(&[("", "4.1.3", "2222222221"), ("", "4.2.0", ".........1")]);
    let through = release("4.2.0", &[("staging", None, 0, 60), ("production", None, 60, 190)]);
    assert_eq!(found(&map(&[("staging", Some(halfway)), ("production", Some(came()))], &[through])), []);
}

#[test]
fn a_fifth_is_left_behind_and_more_is_half_of_a_fleet() {
    let with = |old: &str, new: &str| {
        found(&map(&[("production", Some(history(&[("", "4.1.3", old), ("", "4.2.0", new)])))], &[]))
    };
    assert_eq!(with("a822222222", "0288888888"), one("stuck", "4.1.3", "production", 70));
    assert_eq!(with("a833333333", "0277777777"), []);
}

#[test]
fn another_region_speaks_against_this_one_only_once_it_has_long_been_there() {
    let with = |eu_new: &str, eu_old: &str, us_new: &str, us_old: &str, releases: &[Release]| {
        let lines = history(&[
            ("eu", "4.2.0", eu_new),
            ("eu", "4.1.3", eu_old),
            ("us", "4.2.0", us_new),
            ("us", "4.1.3", us_old),
        ]);
        let all = found(&map(&[("production", Some(lines))], releases));
        all.into_iter().map(|(word, ..)| word).collect::<Vec<_>>()
    };
    let over = [release("4.2.0", &[("production", None, 0, 90)])];
    let none: [&str; 0] = [];
    // Twenty minutes, and an hour and more.
    assert_eq!(with("0000000888", "8888888000", "0444444444", "8444444444", &over), none);
    assert_eq!(with("0888888888", "8000000000", "0444444444", "8444444444", &over), ["stuck"]);
    let eu = [release("4.2.0", &[("production", Some("eu"), 0, 60)])];
    assert_eq!(with("0000000888", "8888888000", "0000000000", "8888888888", &eu), none);
    // A stage that was to bring it here and is over brings nothing any more.
    let gone = [release("4.2.0", &[("production", Some("eu"), 0, 60), ("production", Some("us"), 0, 90)])];
    assert_eq!(with("0888888888", "8000000000", "0000000000", "8888888888", &gone), ["behind"]);
}
