using NixStore.Caches.Tests.Support;

namespace NixStore.Catalog.Tests.Support;

/// <summary>Tests that mostly wait for the lifecycle of a bucket; they have a store and an S3 server of their own, so that the others need not wait with them.</summary>
[CollectionDefinition(Name)]
public sealed class LifecycleCollection : ICollectionFixture<NixLab>, ICollectionFixture<S3Server>
{
    public const string Name = "lifecycle";
}
