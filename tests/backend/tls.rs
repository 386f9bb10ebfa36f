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
        skipped();
        return None;
    }
    Some(serve(folder, &[]))
}

/// No openssl: a gap in the proof, which counts where all servers must be there.
fn skipped() {
    assert!(std::env::var_os("TMINUS_REQUIRE_SERVERS").is_none_or(|it| it != "1"), "openssl is missing");
    println!("SKIPPED: no openssl here");
}

/// Shows `cert.pem` of the folder.
fn serve(folder: &Path, more: &[&str]) -> Https {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let child = Command::new("openssl")
        .args(["s_server", "-www", "-quiet", "-cert", "cert.pem", "-key", "key.pem"])
        .args(more)
        .args(["-accept", &address.to_string()])
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
    server
}

/// An authority, `ca.pem`, and what it signed: `cert.pem` for 127.0.0.1, valid for so many days,
/// and `client.pem`, each with its key.
fn authority(folder: &Path, days: &str) -> bool {
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let own = ["-days", "2", "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=authority"];
    let mut made = openssl(folder, &[&["req", "-x509"][..], &key, &own].concat());
    for (name, days, extension) in
        [("cert", days, "subjectAltName=IP:127.0.0.1"), ("client", "2", "extendedKeyUsage=clientAuth")]
    {
        let (request, out, extensions) =
            (format!("{name}.csr"), format!("{name}.pem"), format!("{name}.ext"));
        let keys = if name == "cert" { "key.pem" } else { "client-key.pem" };
        std::fs::write(folder.join(&extensions), extension).unwrap();
        let asked = ["-keyout", keys, "-out", &request, "-subj", "/CN=tminus"];
        made = made && openssl(folder, &[&["req", "-new"][..], &key, &asked].concat());
        let signed =
            ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"];
        made = made
            && openssl(
                folder,
                &[&signed[..], &["-out", &out, "-days", days, "-extfile", &extensions]].concat(),
            );
    }
    if !made {
        skipped();
    }
    made
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

#[tokio::test]
async fn an_authority_that_is_named_is_trusted_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    if !authority(folder.path(), "2") {
        return;
    }
    let server = serve(folder.path(), &[]);
    let config = backend(BackendKind::Prometheus, &format!("https://{}", server.1));
    let failure = failure_of(config.clone()).await;
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.what.contains("unknown authority") && failure.mend.contains("ca ="), "{failure}");
    // The page that openssl serves is no Prometheus: TLS stood.
    let failure = failure_of(BackendConfig { ca: Some(folder.path().join("ca.pem")), ..config }).await;
    assert_eq!(failure.kind, FailureKind::Garbled, "{failure}");
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    // Ends the moment it begins.
    if !authority(folder.path(), "0") {
        return;
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let server = serve(folder.path(), &[]);
    let config = BackendConfig {
        ca: Some(folder.path().join("ca.pem")),
        ..backend(BackendKind::Prometheus, &format!("https://{}", server.1))
    };
    let failure = failure_of(config).await;
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.what.contains("expired") && failure.mend.contains("renew"), "{failure}");
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    if !authority(folder.path(), "2") {
        return;
    }
    let server = serve(folder.path(), &["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"]);
    let config = BackendConfig {
        ca: Some(folder.path().join("ca.pem")),
        ..backend(BackendKind::Prometheus, &format!("https://{}", server.1))
    };
    let failure = failure_of(config.clone()).await;
    assert_eq!(failure.kind, FailureKind::Tls, "{failure}");
    assert!(failure.mend.contains("client_certificate"), "{failure}");
    let with = BackendConfig {
        client_certificate: Some(folder.path().join("client.pem")),
        client_key: Some(folder.path().join("client-key.pem")),
        ..config
    };
    let failure = failure_of(with).await;
    assert_eq!(failure.kind, FailureKind::Garbled, "{failure}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_called_so() {
    let begun = Instant::now();
    let failure = failure_of(backend(BackendKind::Prometheus, "https://name.invalid")).await;
    // A resolver that does not answer at all is a matter of time.
    assert!(matches!(failure.kind, FailureKind::Dns | FailureKind::Timeout), "{failure}");
    assert!(!failure.mend.is_empty() && begun.elapsed() < Duration::from_secs(2), "{failure}");
}
