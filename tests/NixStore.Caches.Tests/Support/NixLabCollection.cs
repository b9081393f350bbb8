namespace NixStore.Caches.Tests.Support;

/// <summary>Tests that share one store made by real Nix.</summary>
[CollectionDefinition(Name)]
public sealed class NixLabCollection : ICollectionFixture<NixLab>
{
    public const string Name = "real Nix";
}
