# Overlay stores to test with: . $PSScriptRoot/overlays.ps1 in BeforeAll and BeforeDiscovery, after stores.ps1.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
param()

# Why no overlay can be mounted here; nothing when one can.
function Get-OverlayObstacle {
    if ((id -u) -ne 0) { return 'NOT ROOT' }
    $directory = Join-Path ([IO.Path]::GetTempPath()) "nixstore-overlay-$PID-$([guid]::NewGuid())"
    $null = New-Item -ItemType Directory $directory/lower, $directory/upper, $directory/work, $directory/merged
    mount -t overlay overlay -o "lowerdir=$directory/lower,upperdir=$directory/upper,workdir=$directory/work" $directory/merged 2> $null
    if ($LASTEXITCODE) { 'NO OVERLAYFS: TMPDIR cannot be the upper layer of an overlay' }
    else { umount $directory/merged }
    Remove-Item -Recurse -Force $directory
}

# Mounts an overlay store at $Root/nix/store, with $Root/upper and $Root/work, on the store whose root is $Lower. Gives its URL.
function Mount-TestOverlay {
    param([string] $Root, [string] $Lower)
    $null = New-Item -ItemType Directory -Force $Root/upper, $Root/work, $Root/nix/store, $Root/nix/var/nix
    mount -t overlay overlay -o "lowerdir=$Lower/nix/store,upperdir=$Root/upper,workdir=$Root/work" $Root/nix/store
    if ($LASTEXITCODE) { throw 'mount failed' }
    "local-overlay://?root=$Root&lower-store=$([uri]::EscapeDataString("local?root=$Lower&read-only=true"))&upper-layer=$Root/upper"
}

# Unmounts whatever is mounted below a directory, for AfterEach and AfterAll.
function Dismount-TestOverlay {
    param([string] $Below)
    Get-Content /proc/self/mounts | ForEach-Object { ($_ -split ' ')[1] } | Where-Object { $_.StartsWith("$Below/") } | ForEach-Object { umount -l $_ }
}
