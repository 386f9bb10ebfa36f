//! How a person is called stands in their own file, and mistakes in it are told.

use tminus::domain::ring::{Notification, RingSettings};
use tminus::store::person::load_from;

#[test]
fn the_ways_to_be_called_are_read_and_mistakes_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let text = "[ring]\nbell = false\nosc = 777\nwebhook = \"https://chat.example.com/h\"\ncommand = [\"say\", \"x\"]\n";
    std::fs::write(&file, text).unwrap();
    let (person, problems) = load_from(&file);
    assert_eq!(problems, []);
    let expected = RingSettings {
        bell: Some(false),
        notification: Some(Notification::Osc777),
        webhook: Some("https://chat.example.com/h".to_owned()),
        command: vec!["say".to_owned(), "x".to_owned()],
    };
    assert_eq!(person.ring, expected);
    std::fs::write(&file, "[ring]\nosc = 8\nwebhook = \"chat\"\n").unwrap();
    let (_, problems) = load_from(&file);
    let told: Vec<&str> = problems.iter().map(|problem| problem.rendered.as_str()).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("write 9 or 777") && told[1].contains("no web address"), "{told:?}");
}
