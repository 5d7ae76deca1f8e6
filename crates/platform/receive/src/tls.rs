//! Certificates: the listener's own, and who shows one to it. One provider of cryptography: ring.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::rustls::{
    self, RootCertStore, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::{VerifierBuilderError, WebPkiClientVerifier, danger::ClientCertVerifier},
};

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file of PEM cannot be read.
    #[error("cannot read {file}")]
    File {
        /// Which.
        file: PathBuf,
        /// The cause.
        source: pem::Error,
    },
    /// A file holds no certificate.
    #[error("{file} holds no certificate")]
    Empty {
        /// Which.
        file: PathBuf,
    },
    /// Certificate and key do not go together, or are of a kind that cannot be used.
    #[error("certificate and key cannot be used")]
    Use(#[from] rustls::Error),
    /// The authorities of clients cannot be used.
    #[error("the certificates of clients' authorities cannot be used")]
    Clients(#[from] VerifierBuilderError),
}

/// Files in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files<'f> {
    /// The listener's certificate and those between it and its authority.
    pub certificate: &'f Path,
    /// Its private key.
    pub key: &'f Path,
    /// The authorities of one of which clients must show a certificate; without, nobody is asked
    /// for one.
    pub client_authorities: Option<&'f Path>,
}

/// The configuration of a listener. Errors: [`TlsError`].
pub fn server(files: &Files<'_>) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?;
    let builder = match files.client_authorities {
        None => builder.with_no_client_auth(),
        Some(authorities) => builder.with_client_cert_verifier(verifier(authorities, provider)?),
    };
    let key = PrivateKeyDer::from_pem_file(files.key)
        .map_err(|source| TlsError::File { file: files.key.to_path_buf(), source })?;
    Ok(Arc::new(builder.with_single_cert(certificates(files.certificate)?, key)?))
}

fn verifier(
    authorities: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities)? {
        roots.add(certificate)?;
    }
    Ok(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |source| TlsError::File { file: file.to_path_buf(), source };
    let found = CertificateDer::pem_file_iter(file).map_err(wrong)?;
    let found: Vec<_> = found.collect::<Result<_, _>>().map_err(wrong)?;
    match found.is_empty() {
        true => Err(TlsError::Empty { file: file.to_path_buf() }),
        false => Ok(found),
    }
}

/// The DNS names of a certificate that was verified, in lower case. Its common name is none: it
/// has not been taken for one since RFC 6125.
pub(crate) fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok(certificate) = webpki::EndEntityCert::try_from(certificate) else { return Vec::new() };
    certificate.valid_dns_names().map(str::to_ascii_lowercase).collect()
}
