//! TLS that cannot be trusted is a named failure, and one's own authority is trusted when named.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tminus::domain::workspace::{BackendConfig, BackendKind};
use tminus::domain::{Failure, FailureKind};

use super::ground::{alerts, backend, one};
use super::server::{Server, json};

/// `openssl s_server -www`, which ends when it is dropped.
struct Https(Child, std::net::SocketAddr);

impl Drop for Https {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn openssl(folder: &Path, arguments: &[&str]) -> bool {
    let status = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// A self-signed certificate for a name, and a server that shows it. `authority` is `TRUE` where
/// the certificate is an authority's own, as `openssl req -x509` makes it by itself.
fn https(folder: &Path, name: &str, authority: &str) -> Option<Https> {
    let subject = format!("subjectAltName={name}");
    let constraints = format!("basicConstraints=critical,CA:{authority}");
    let curve = "ec_paramgen_curve:P-256";
    let request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-days", "2"];
    let files = ["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=tminus"];
    let extensions = ["-addext", &subject, "-addext", &constraints];
    if !openssl(folder, &[&request[..], &files, &extensions].concat()) {
        println!("SKIPPED: no openssl here");
        return None;
    }
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = Command::new("openssl")
        .args(["s_server", "-www", "-quiet", "-cert", "cert.pem", "-key", "key.pem", "-accept"])
        .arg(address.to_string())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Https(child, address);
    let begun = Instant::now();
    while std::net::TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(5), "openssl does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    Some(server)
}

async fn failure_of(config: BackendConfig) -> Failure {
    alerts(&one(config), "prometheus").await.expect_err("this should fail")
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused_until_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = https(folder.path(), "IP:127.0.0.1", "FALSE") else { return };
    let config = backend(BackendKind::Prometheus, &format!("https://{}", server.1));
    let failure = failure_of(config.clone()).await;
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.what.contains("self-signed") && failure.mend.contains("ca ="), "{failure}");
    // Trusted, it goes as far as the page that openssl serves, which is no Prometheus.
    let failure = failure_of(BackendConfig { ca: Some(folder.path().join("cert.pem")), ..config }).await;
    assert_eq!(failure.kind, FailureKind::Garbled, "{failure}");
}

#[tokio::test]
async fn an_authoritys_own_certificate_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = https(folder.path(), "IP:127.0.0.1", "TRUE") else { return };
    let config = BackendConfig {
        ca: Some(folder.path().join("cert.pem")),
        ..backend(BackendKind::Prometheus, &format!("https://{}", server.1))
    };
    let failure = failure_of(config).await;
    assert!(failure.what.contains("CA:TRUE") && failure.mend.contains("CA:FALSE"), "{failure}");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = https(folder.path(), "DNS:elsewhere.example", "FALSE") else { return };
    let config = BackendConfig {
        ca: Some(folder.path().join("cert.pem")),
        ..backend(BackendKind::Prometheus, &format!("https://{}", server.1))
    };
    let failure = failure_of(config).await;
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.what.contains("another host"), "{failure}");
}

#[tokio::test]
async fn no_tls_on_a_tls_port_and_broken_files_are_named() {
    // An HTTP server's usual answer to a TLS greeting.
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = server.accept().await {
            let _ =
                tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let failure = failure_of(backend(BackendKind::Prometheus, &format!("https://{address}"))).await;
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.what.contains("does not speak TLS"), "{failure}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("not.pem");
    std::fs::write(&path, "no certificate").unwrap();
    let http = Server::saying(json("{}")).await;
    let plain = backend(BackendKind::Prometheus, &http.url);
    for config in [
        BackendConfig { ca: Some(path.clone()), ..plain.clone() },
        BackendConfig { ca: Some(folder.path().join("gone")), ..plain.clone() },
        BackendConfig { client_certificate: Some(path.clone()), ..plain.clone() },
    ] {
        let failure = failure_of(config).await;
        assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    }
    assert!(http.requests().is_empty());
}
