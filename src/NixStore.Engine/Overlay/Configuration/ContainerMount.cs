namespace NixStore.Engine.Overlay.Configuration;

/// <summary>A directory that a container is given.</summary>
/// <param name="Name">What it is, as a name of a volume.</param>
/// <param name="Source">The directory on the machine; null for an empty one of the container's own.</param>
/// <param name="Target">Where the container sees it.</param>
/// <param name="IsReadOnly">The container cannot write.</param>
/// <param name="FollowsMounts">What is mounted below it later is seen by the container, and keeps the machine from unmounting what the container uses.</param>
internal sealed record ContainerMount(string Name, string? Source, string Target, bool IsReadOnly = false, bool FollowsMounts = false);
