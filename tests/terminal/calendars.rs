//! Calendars that the workspace follows, while the cockpit is open.

use super::terminal::Session;
use super::workspace;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Christmas\r\n\
    DTSTART;VALUE=DATE:20261224\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn a_followed_calendar_comes_in_by_itself_and_its_failure_is_said() {
    let folder = workspace();
    let file = folder.path().join("tminus.toml");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.push_str(
        "\n[[calendar]]\nid = \"holidays\"\nfile = \"holidays.ics\"\n\
         [[calendar]]\nid = \"gone\"\nfile = \"gone.ics\"\n",
    );
    std::fs::write(&file, text).unwrap();
    std::fs::write(folder.path().join("holidays.ics"), CALENDAR).unwrap();
    let session = Session::start(folder.path(), &[], (160, 40));
    session.wait_for("Storefront");
    let windows = folder.path().join("windows.toml");
    session.wait_until("the windows of the calendar", |_| {
        std::fs::read_to_string(&windows).is_ok_and(|text| text.contains("uid = \"a\""))
    });
    session.wait_for("gone.ics cannot be read");
}
