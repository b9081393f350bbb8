using System.Diagnostics;
using NixStore.Catalog.ClickHouse;
using NixStore.Catalog.Storage;
using NixStore.Catalog.Tests.Support;

namespace NixStore.Catalog.Tests.ClickHouse;

/// <summary>A cluster that is asked over TLS, with a certificate that nobody trusts unless he is told to.</summary>
public sealed class SecureClusterTests(SecureClusterTests.Servers servers) : IClassFixture<SecureClusterTests.Servers>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public void A_certificate_that_is_not_trusted_is_named()
    {
        var error = Assert.Throws<NixStoreException>(() => ClusterCatalog.Open(servers.NewDatabase()));
        Assert.Equal(("ClickHouseCertificateNotTrusted", StoreErrorKind.Security), (error.ErrorId, error.Kind));
        Assert.Contains("CN=nixstore-clickhouse", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("127.77.0.1:", error.Target, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [SkippableFact]
    public void One_that_is_trusted_is_asked()
    {
        using (var source = CatalogWriter.Open(_directory / "source", new CatalogManifest()))
        {
            source.AddNarInfos(("a", "nar/a", [], "2026-01-01")).ToCatalog();
        }

        var (address, trust) = (servers.NewDatabase().Name, new Dictionary<string, string?> { ["SSL_CERT_FILE"] = servers.Certificate });
        Assert.StartsWith("clickhouses://", address, StringComparison.Ordinal);
        Assert.True(KilledRun.Run(null, trust, "copy", _directory / "source", address));
        Assert.True(KilledRun.Run(null, trust, "copy", address, _directory / "back"));
        Assert.Equal(CatalogRows.Hash("a"), Assert.Single(CacheCatalog.Open(_directory / "back").Find(new(), default)).HashPart);
    }

    public sealed class Servers() : ClickHouseServers("debian", "Debian's package clickhouse-server")
    {
        private readonly TemporaryDirectory _folder = new();

        public string Certificate => _folder / "certificate.pem";

        private protected override void Configure(ProcessStartInfo start) => start.Environment["CERTIFICATE"] = _folder.Path;

        private protected override void Clean() => _folder.Dispose();
    }
}
