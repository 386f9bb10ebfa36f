use super::*;
use crate::domain::question::ShareLine;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

/// One point a minute; a line is a version and a digit a point (`.`: no data).
fn history(lines: &[(&str, &str)]) -> RunningHistory {
    let counts = |text: &str| text.chars().map(|digit| digit.to_digit(16).map(f64::from)).collect::<Vec<_>>();
    RunningHistory {
        times: (0..lines[0].1.len()).map(|minute| at(i64::try_from(minute).unwrap())).collect(),
        lines: lines
            .iter()
            .map(|(version, text)| ShareLine {
                service: "checkout".to_owned(),
                region: None,
                version: (*version).into(),
                counts: counts(text),
            })
            .collect(),
        warnings: Vec::new(),
    }
}

fn only(lines: &[(&str, &str)], now: i64) -> Rollout {
    let mut found = rollouts(&history(lines), at(now));
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[test]
fn a_service_that_does_not_change_has_no_rollout() {
    assert!(rollouts(&history(&[("4.1.3", "88888.88")]), at(8)).is_empty());
}

#[test]
fn a_canary_grows_and_then_waits() {
    let canary = [("4.1.3", "8888666666"), ("4.2.0", "....222222")];
    let young = only(&canary, 9);
    assert_eq!((young.from.as_deref(), young.to.as_str()), (Some("4.1.3"), "4.2.0"));
    assert_eq!((young.phase, young.began, young.last_change), (Phase::Progressing, Some(at(4)), at(4)));
    assert!((young.share_now - 0.25).abs() < 1e-9 && young.instances == (2.0, 8.0));
    assert_eq!(young.share_series[3], Some(0.0));
    assert_eq!(young.events[0], Event { at: at(4), kind: EventKind::Appeared("4.2.0".into()) });
    let waiting = only(&[("4.1.3", "888866666666"), ("4.2.0", "....22222222")], 11);
    assert_eq!(waiting.phase, Phase::Paused);
}

#[test]
fn it_completes_rolls_back_and_is_seen_while_it_shrinks() {
    let done = only(&[("4.1.3", "8864...."), ("4.2.0", "..248888")], 7);
    assert_eq!((done.phase, done.last_change), (Phase::Completed, at(4)));
    assert_eq!(done.events.last(), Some(&Event { at: at(4), kind: EventKind::Completed }));
    let back = only(&[("4.1.3", "88646888"), ("4.2.0", "..242...")], 7);
    assert_eq!((back.phase, back.to.as_str(), back.last_change), (Phase::RolledBack, "4.2.0", at(5)));
    assert!(back.share_now.abs() < 1e-9);
    let shrinking = only(&[("4.1.3", "88646"), ("4.2.0", "..242")], 4);
    assert_eq!(shrinking.phase, Phase::RollingBack);
}

#[test]
fn all_at_once_is_a_rollout_too_and_a_gap_is_none() {
    let switch = only(&[("4.1.3", "88....."), ("4.2.0", "....888")], 6);
    assert_eq!((switch.phase, switch.began), (Phase::Completed, Some(at(4))));
    assert_eq!(switch.share_series[2], None);
    assert!(rollouts(&history(&[("4.1.3", "88...88")]), at(6)).is_empty());
}

#[test]
fn when_the_data_ends_the_phase_is_not_known() {
    let cut = only(&[("4.1.3", "8866......"), ("4.2.0", "..22......")], 9);
    assert_eq!((cut.phase, cut.seen), (Phase::Unknown, at(3)));
}

#[test]
fn a_history_that_begins_in_the_middle_says_so() {
    let still = only(&[("4.10.0", "2222222"), ("4.9.0", "6666666")], 6);
    assert_eq!((still.from.as_deref(), still.to.as_str()), (Some("4.9.0"), "4.10.0"));
    assert_eq!((still.phase, still.began), (Phase::Paused, None));
    // What grows comes, even where it is the older version.
    let back = only(&[("4.10.0", "642"), ("4.9.0", "246")], 2);
    assert_eq!((back.to.as_str(), back.phase), ("4.9.0", Phase::Progressing));
}

#[test]
fn every_rollout_is_told_and_the_one_that_goes_on_comes_first() {
    let lines = [("4.1.3", "864......"), ("4.2.0", ".248886.."), ("4.3.0", "......288")];
    let found = rollouts(&history(&lines), at(8));
    let said: Vec<_> = found.iter().map(|rollout| (rollout.to.as_str(), rollout.phase)).collect();
    assert_eq!(said, [("4.3.0", Phase::Completed), ("4.2.0", Phase::Completed)]);
    let mut more = history(&lines);
    for (version, counts) in [("2.8", "888866666"), ("2.9", "....22222")] {
        let mut line = history(&[(version, counts)]).lines.remove(0);
        line.service = "search".to_owned();
        more.lines.push(line);
    }
    assert_eq!(rollouts(&more, at(8))[0].service, "search");
}

#[test]
fn autoscaling_is_no_step() {
    let found = only(&[("4.1.3", "fffeeee"), ("4.2.0", ".fff000")], 6);
    assert_eq!(found.phase, Phase::RolledBack);
    let counts = |to: f64, all: f64| (Some(to), Some(all - to));
    let (new, old): (Vec<_>, Vec<_>) =
        [counts(0.0, 48.0), counts(12.0, 48.0), counts(12.0, 49.0), counts(12.0, 50.0)].into_iter().unzip();
    let mut scaled = history(&[("4.1.3", "0000"), ("4.2.0", "0000")]);
    scaled.lines[0].counts = old;
    scaled.lines[1].counts = new;
    let found = rollouts(&scaled, at(3));
    assert_eq!((found[0].last_change, found[0].events.len()), (at(1), 2));
}

#[test]
fn regions_are_told_apart_and_since_adds_them_up() {
    let mut both = history(&[("4.1.3", "8840000"), ("4.2.0", "0048888")]);
    for line in &mut both.lines {
        line.region = Some("eu".to_owned());
    }
    let mut us = history(&[("4.1.3", "8888880"), ("4.2.0", "0000008")]).lines;
    for line in &mut us {
        line.region = Some("us".to_owned());
    }
    both.lines.extend(us);
    let found = rollouts(&both, at(6));
    let regions: Vec<_> = found.iter().map(|rollout| rollout.region.as_deref().unwrap()).collect();
    assert_eq!(regions, ["us", "eu"]);
    assert_eq!(since(&both, "checkout", Some("eu"), "4.2.0"), Some(Since::At(at(3))));
    assert_eq!(since(&both, "checkout", None, "4.2.0"), Some(Since::At(at(6))));
    assert_eq!(since(&both, "checkout", None, "4.1.3"), None);
    assert_eq!(since(&both, "payments", None, "4.1.3"), None);
    assert_eq!(since(&history(&[("1", "88.8")]), "checkout", None, "1"), Some(Since::Before(at(0))));
}

#[test]
fn patience_and_quiet_follow_the_distance_of_the_points() {
    let mut coarse = history(&[("4.1.3", "8866666"), ("4.2.0", "..22222")]);
    coarse.times = (0..7).map(|point| at(point * 10)).collect();
    // Points ten minutes apart: within three of them nothing is said to stand still.
    let cut = |points: usize| {
        let mut cut = coarse.clone();
        cut.times.truncate(points);
        rollouts(&cut, at(points as i64 * 10 - 10)).remove(0).phase
    };
    assert_eq!([cut(6), cut(7)], [Phase::Progressing, Phase::Paused]);
    // Points a minute apart: after three without data nobody knows.
    let fine = |now| only(&[("4.1.3", "8866...."), ("4.2.0", "..22....")], now).phase;
    assert_eq!([fine(6), fine(7)], [Phase::Progressing, Phase::Unknown]);
}

#[test]
fn a_small_step_is_one_and_the_last_move_is_told_however_small() {
    let with = |shares: &[f64]| {
        let mut found = history(&[("4.1.3", "00000"), ("4.2.0", "00000")]);
        found.times.truncate(shares.len());
        found.lines[0].counts = shares.iter().map(|share| Some(1000.0 * (1.0 - share))).collect();
        found.lines[1].counts = shares.iter().map(|share| Some(1000.0 * share)).collect();
        rollouts(&found, at(shares.len() as i64 - 1)).remove(0)
    };
    let moved = |rollout: &Rollout| -> Vec<f64> {
        let to = |event: &Event| match event.kind {
            EventKind::ShareMoved { to, .. } => Some(to),
            _ => None,
        };
        rollout.events.iter().filter_map(to).collect()
    };
    assert_eq!(moved(&with(&[0.0, 0.25, 0.28, 0.29])), [0.25, 0.28]);
    assert_eq!(moved(&with(&[0.0, 0.5, 0.99, 1.0])), [0.5, 0.99, 1.0]);
}
