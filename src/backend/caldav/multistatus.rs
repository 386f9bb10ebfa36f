//! WebDAV's 207: which resources there are, and in which state.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

const DAV: &str = "DAV:";

/// The names of the resources of a collection, without the collection itself, with their ETags.
pub fn resources(body: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
    let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let mut found = BTreeMap::new();
    for response in document.descendants().filter(|node| node.has_tag_name((DAV, "response"))) {
        let text = |name: &str| {
            let node = response.descendants().find(|node| node.has_tag_name((DAV, name)))?;
            node.text().map(str::trim)
        };
        let is_collection = response.descendants().any(|node| node.has_tag_name((DAV, "collection")));
        let (Some(href), Some(etag), false) = (text("href"), text("getetag"), is_collection) else {
            continue;
        };
        let name = href.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
        if !name.is_empty() {
            found.insert(name, etag.to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_named_and_the_collection_is_none() {
        let body = br#"<?xml version='1.0'?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
            <D:response><D:href>/ops/releases/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/><C:calendar/>
            </D:resourcetype><D:getetag>"c"</D:getetag></D:prop></D:propstat></D:response>
            <D:response><D:href>/ops/releases/stage-0.a%40b.ics</D:href><D:propstat><D:prop><D:resourcetype/>
            <D:getetag>"1"</D:getetag></D:prop></D:propstat></D:response></D:multistatus>"#;
        let found = resources(body).unwrap();
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [("stage-0.a@b.ics".to_owned(), "\"1\"".to_owned())]
        );
        assert!(resources(b"<html>").is_err());
    }
}
