using NixStore.Catalog.Hydra;

namespace NixStore.Catalog.Tests.Hydra;

public sealed class HydraDatabaseTests
{
    [Theory]
    [InlineData("postgresql://u:secret@db.example.org/hydra", "postgresql://db.example.org/hydra")]
    [InlineData("postgres://db:5433/hydra?sslmode=verify-full&application_name=x", "postgresql://db:5433/hydra")]
    [InlineData("postgresql:///hydra?host=/run/postgresql&user=hydra", "postgresql:///hydra?host=/run/postgresql")]
    [InlineData("dbi:Pg:dbname=hydra;host=db;user=hydra;password=secret;", "postgresql://db/hydra")]
    [InlineData("Host=db;Database=hydra;Username=u;Password=secret", "postgresql://db/hydra")]
    public void UnderstandsAddressesAndNamesThemWithoutSecrets(string address, string name) => Assert.Equal(name, HydraDatabase.Parse(address).Name);

    [Theory]
    [InlineData("hydra")]
    [InlineData("postgresql://")]
    [InlineData("postgresql://db/hydra?nonsense=1&password=secret")]
    [InlineData("dbi:Pg:nonsense=secret")]
    public void RefusesOthersWithoutRepeatingThem(string address)
    {
        var error = Assert.ThrowsAny<NixStoreException>(() => HydraDatabase.Parse(address));
        Assert.Equal("HydraAddressInvalid", error.ErrorId);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }
}
