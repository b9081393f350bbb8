namespace NixStore.Caches.Tests.Support;

/// <summary>Tests that share one store made by real Nix, and one S3 server.</summary>
[CollectionDefinition(Name)]
public sealed class NixLabCollection : ICollectionFixture<NixLab>, ICollectionFixture<S3Server>
{
    public const string Name = "real Nix";
}
