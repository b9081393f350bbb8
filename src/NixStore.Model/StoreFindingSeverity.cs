namespace NixStore;

/// <summary>How much a finding matters.</summary>
public enum StoreFindingSeverity
{
    /// <summary>Worth knowing; nothing is wrong, or Nix puts it right by itself.</summary>
    Information,
    /// <summary>Not as it should be; nothing fails or is lost by it yet.</summary>
    Warning,
    /// <summary>Commands fail, answers are wrong, or a collection would delete what is needed.</summary>
    Error,
}
