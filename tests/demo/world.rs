//! The company as a whole: it starts quickly, tells the same story twice, and leaves nothing behind.

use std::process::Command;

use chrono::{DateTime, Utc};
use serde_json::Value;
use tminus::demo::{Options, World};

pub(crate) fn options() -> Options {
    // A Wednesday afternoon.
    let now = DateTime::parse_from_rfc3339("2026-11-25T14:20:00Z").unwrap();
    Options { speed: 1.0, seed: 7, now: now.with_timezone(&Utc) }
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) async fn ask(world: &World, path: &str, parameters: &[(&str, &str)]) -> (u16, Value) {
    let url = format!("{}/api/v1/{path}", world.prometheus_url());
    let answer = client().get(url).query(parameters).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_quickly_and_leaves_nothing_behind() {
    let begun = std::time::Instant::now();
    let world = World::start(options()).await.unwrap();
    println!("started after {:?}", begun.elapsed());
    let workspace = world.workspace().to_owned();
    let repository = workspace.join("../repositories/checkout");
    let tags = Command::new("git").arg("-C").arg(&repository).args(["tag", "--list", "v*"]).output().unwrap();
    assert!(String::from_utf8_lossy(&tags.stdout).lines().count() > 12);
    let status = Command::new("git").arg("-C").arg(&repository).args(["status", "--short"]).output().unwrap();
    assert!(status.stdout.is_empty(), "{}", String::from_utf8_lossy(&status.stdout));
    let (code, answer) = ask(
        &world,
        "query",
        &[("query", "sum by (version) (rate(http_requests_total{service=\"checkout\",env=\"production\",region=\"eu\"}[1m]))")],
    )
    .await;
    assert_eq!(code, 200);
    assert_eq!(answer["data"]["result"].as_array().unwrap().len(), 2, "{answer}");
    drop(world);
    assert!(!workspace.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_tells_the_same_story() {
    let (one, two) = (World::start(options()).await.unwrap(), World::start(options()).await.unwrap());
    let query = [("query", "sum by (service, version, env) (http_requests_total)"), ("time", "1795616400")];
    assert_eq!(ask(&one, "query", &query).await, ask(&two, "query", &query).await);
    let read = |world: &World, name: &str| std::fs::read_to_string(world.workspace().join(name)).unwrap();
    assert_eq!(read(&one, "windows.toml"), read(&two, "windows.toml"));
    let releases = |world: &World| {
        let mut names: Vec<_> = std::fs::read_dir(world.workspace().join("releases"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(releases(&one), releases(&two));
    assert!((30..60).contains(&releases(&one).len()), "{:?}", releases(&one));
}

/// A workspace that a person would find in order: every file is TOML.
#[tokio::test(flavor = "multi_thread")]
async fn every_file_parses() {
    let world = World::start(options()).await.unwrap();
    let mut folders = vec![world.workspace().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            files += 1;
            assert!(
                text.parse::<toml::Table>().is_ok(),
                "{}: {:?}",
                path.display(),
                text.parse::<toml::Table>()
            );
        }
    }
    assert!(files > 40);
}

/// A day of error rates of all services, and six hours of quantiles: quick enough to draw.
#[tokio::test(flavor = "multi_thread")]
async fn range_queries_are_quick() {
    let world = World::start(options()).await.unwrap();
    let end = options().now.timestamp();
    let start = (end - 6 * 3600).to_string();
    let begun = std::time::Instant::now();
    let query = "histogram_quantile(0.95, sum by (service, le) (rate(http_request_duration_seconds_bucket{env=\"production\"}[1m])))";
    let parameters = [("query", query), ("start", &start), ("end", &end.to_string()), ("step", "15")];
    let (code, answer) = ask(&world, "query_range", &parameters).await;
    println!("six hours of all quantiles after {:?}", begun.elapsed());
    assert_eq!((code, answer["data"]["result"].as_array().unwrap().len()), (200, 12));
    let begun = std::time::Instant::now();
    let start = (end - 14 * 86_400).to_string();
    let query = "count by (service, version) (app_build_info{env=\"production\"})";
    let parameters = [("query", query), ("start", &start), ("end", &end.to_string()), ("step", "3600")];
    let (_, answer) = ask(&world, "query_range", &parameters).await;
    println!("two weeks of versions after {:?}", begun.elapsed());
    assert!(answer["data"]["result"].as_array().unwrap().len() > 20);
}

/// The workspace is in order by the same reader that opens everyone's.
#[tokio::test(flavor = "multi_thread")]
async fn the_store_finds_no_problem() {
    let saturday = DateTime::parse_from_rfc3339("2026-11-21T04:55:31Z").unwrap().with_timezone(&Utc);
    for now in [options().now, saturday] {
        for seed in [1, 7] {
            let world = World::start(Options { seed, now, ..options() }).await.unwrap();
            let origin = tminus::domain::workspace::Origin::Files(world.workspace().to_owned());
            let opened = tminus::store::open(&tminus::store::Located { origin, problems: Vec::new() });
            assert!(opened.problems.is_empty(), "{:#?}", opened.problems);
            let workspace = opened.workspace;
            assert_eq!((workspace.services.len(), workspace.environments.len()), (12, 3));
            assert!(workspace.releases.len() >= 30 && workspace.playbooks.len() >= 8);
            for status in
                ["draft", "planned", "approved", "in-progress", "completed", "rolled-back", "cancelled"]
            {
                let there = workspace.releases.iter().any(|release| release.status.word() == status);
                assert!(there, "no release is {status} (seed {seed}, {now})");
            }
        }
    }
}
