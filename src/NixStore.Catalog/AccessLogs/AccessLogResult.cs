namespace NixStore.Catalog.AccessLogs;

/// <summary>What an import of access logs has done.</summary>
/// <param name="Files">Logs that were read.</param>
/// <param name="KnownFiles">Logs that the catalog has already.</param>
/// <param name="Lines">Lines, without comments.</param>
/// <param name="Requests">Requests that were answered with a narinfo or NAR.</param>
/// <param name="UnknownNars">Of these, for NARs that no narinfo of the catalog names.</param>
/// <param name="Unreadable">Lines that are no requests.</param>
public sealed record AccessLogResult(int Files, int KnownFiles, long Lines, long Requests, long UnknownNars, long Unreadable);
