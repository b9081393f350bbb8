namespace NixStore.Catalog.Tests.Support;

/// <summary>Stands for a kill: work that is broken off at some point and leaves everything as it is.</summary>
internal sealed class KilledException : Exception;
